/** Longer words are not compared: nobody mistypes them by a letter or two, and the cost is quadratic. */
const COMPARED_LENGTH_MAX = 64;

/**
 * The candidate closest to `word`, or undefined when none is close enough to be what was meant: at most one edit
 * per three letters, and at most three. Ignores case. Ties go to the candidate that stands first.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > COMPARED_LENGTH_MAX) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestEdits = Math.min(3, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= bestEdits) continue;
    const edits = editDistance(lower, candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** The candidates most like `word`, the closest first. Ties go to those that stand first. */
export function mostAlike(word: string, candidates: readonly string[], count: number): readonly string[] {
  const compared = word.slice(0, COMPARED_LENGTH_MAX).toLowerCase();
  const rated = candidates.map((name) => ({ name, edits: editDistance(compared, name.toLowerCase()) }));
  return rated
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ name }) => name);
}

/**
 * Edits between two words: insertions, deletions, replacements and swaps of neighbours (Damerau-Levenshtein in its
 * "optimal string alignment" form).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = a[row - 1] === b[column - 1] ? 0 : 1;
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + replace);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
