import type { Entry, KeyRange, ReadableStore } from '../store/store.ts';

/** All entries of a range, in pages. Entries written meanwhile may or may not be among them. */
export async function* readEntries(
  store: Pick<ReadableStore, 'page'>,
  { from, to }: KeyRange,
  pageSize: number,
): AsyncGenerator<readonly Entry[]> {
  let next = from;
  for (;;) {
    const entries = await store.page({ from: next, to }, pageSize);
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries;
    // `!` is the smallest character of a key, so this is the smallest key after the last.
    next = `${last.key}!`;
  }
}
