/** Whether a record is left out, to be asked when it is known where its data subject stands. */
export type Foreseen = () => boolean;

/**
 * How many records an answer says it has. Where all of it was read before its first byte leaves, that can be said without those that are
 * left out; where it has further pages, nobody knows how many of theirs will be.
 */
export interface Counts {
  /** A count stands in the answer, within so many records. */
  readonly saw: (count: string, depth: number) => void;
  /** A record stands in it, within so many others. @param isLeftOut undefined: it never is */
  readonly foresee: (isLeftOut: Foreseen | undefined, depth: number) => void;
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
  const foreseen: { readonly isLeftOut: Foreseen; readonly depth: number }[] = [];
  let omitted: { readonly outermost: number; readonly all: number } | undefined;
  return {
    saw: (count, depth) => {
      isOpen = true;
      if (depth === 0) total = Number(count);
    },
    foresee: (isLeftOut, depth) => {
      if (depth === 0) outermost++;
      if (!isOpen) hasMissed = true;
      else if (isLeftOut !== undefined) foreseen.push({ isLeftOut, depth });
    },
    sawLocator: () => {
      hasPages = true;
    },
    isWaiting: () => isOpen,
    settle: () => {
      isOpen = false;
      const left = foreseen.filter(({ isLeftOut }) => isLeftOut());
      omitted = { outermost: left.filter(({ depth }) => depth === 0).length, all: left.length };
    },
    corrected: (count, depth) => {
      if (omitted === undefined || hasMissed) return null;
      if (depth > 0) return omitted.all === 0 && !hasPages ? count : null;
      return total === outermost ? String(total - omitted.outermost) : null;
    },
  };
}
