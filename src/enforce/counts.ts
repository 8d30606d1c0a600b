/** A record of which it is known whether it is left out once it is known where its data subject stands. */
export interface Foreseen {
  readonly isLeftOut: () => boolean;
}

/**
 * How many records an answer says it has. Where all of it was read before its first byte leaves, that can be said without those that are
 * left out; where it has further pages, nobody knows how many of theirs will be.
 */
export interface Counts {
  /** A count stands in the answer, within so many records. */
  readonly saw: (count: string, depth: number) => void;
  /** A record stands in it, within so many others. @param record undefined: it is never left out */
  readonly foresee: (record: Foreseen | undefined, depth: number) => void;
  /** There are pages to come, of the answer or of a list within it. */
  readonly sawLocator: () => void;
  /** True while a count is known whose records are not. */
  readonly isWaiting: () => boolean;
  /** The whole answer has been read, and it is known where its data subjects stand. */
  readonly settle: () => void;
  /** What to say in place of a count; null: nothing. */
  readonly corrected: (count: string, depth: number) => string | null;
}

export function createCounts(): Counts {
  let total: number | undefined;
  let hasPages = false;
  let outermost = 0;
  let isOpen = false;
  /** A record stood before the first count, and is forgotten. */
  let hasMissed = false;
  const foreseen: Foreseen[] = [];
  /** Of each of them. */
  const depths: number[] = [];
  let omitted: { readonly outermost: number; readonly all: number } | undefined;
  return {
    saw: (count, depth) => {
      isOpen = true;
      if (depth === 0) total = Number(count);
    },
    foresee: (record, depth) => {
      if (depth === 0) outermost++;
      if (!isOpen) hasMissed = true;
      else if (record !== undefined) {
        foreseen.push(record);
        depths.push(depth);
      }
    },
    sawLocator: () => {
      hasPages = true;
    },
    isWaiting: () => isOpen,
    settle: () => {
      isOpen = false;
      const left = depths.filter((_, index) => foreseen[index]?.isLeftOut() === true);
      omitted = { outermost: left.filter((depth) => depth === 0).length, all: left.length };
    },
    corrected: (count, depth) => {
      if (omitted === undefined || hasMissed) return null;
      if (depth > 0) return omitted.all === 0 && !hasPages ? count : null;
      return total === outermost ? String(total - omitted.outermost) : null;
    },
  };
}
