/** A record that is left out or not depending on its data subject's standing. */
export interface Foreseen {
  readonly isLeftOut: () => boolean;
}

/**
 * Corrects the counts of records in an answer. When the whole answer is read before its first byte leaves, counts can
 * be given without the records left out. When there are further pages they cannot, since nobody knows how many records
 * will be left out there.
 */
export interface Counts {
  /** Notes a count in the answer, within `depth` records. */
  readonly saw: (count: string, depth: number) => void;
  /** Notes a record in the answer, within `depth` others. @param record undefined: it is never left out */
  readonly foresee: (record: Foreseen | undefined, depth: number) => void;
  /** Notes that there are further pages, of the answer or of a list within it. */
  readonly sawLocator: () => void;
  /** True from the first count until `settle`. */
  readonly isWaiting: () => boolean;
  /** To be called when the whole answer has been read and its data subjects' standings are known. */
  readonly settle: () => void;
  /** The corrected count; null: it cannot be told. */
  readonly corrected: (count: string, depth: number) => string | null;
}

export function createCounts(): Counts {
  let total: number | undefined;
  let hasPages = false;
  let outermost = 0;
  let isOpen = false;
  /** A record came before the first count and was not noted. */
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
