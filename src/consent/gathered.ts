/**
 * Joins the calls that come while one is under way into the next one, so that calls of one instance never conflict with
 * each other, and none waits for more than two.
 * @param work returns a result for each item, in order; when it fails, all calls joined in it fail
 */
export function gathered<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): (items: readonly Item[]) => Promise<readonly Result[]> {
  let waiting: Item[] = [];
  let next: Promise<readonly Result[]> | undefined;
  let running: Promise<unknown> = Promise.resolve();

  function begin(): Promise<readonly Result[]> {
    const begun = running.then(() => {
      const items = waiting;
      waiting = [];
      next = undefined;
      return work(items);
    });
    running = begun.catch(() => undefined);
    return begun;
  }

  return async (items) => {
    const start = waiting.length;
    waiting.push(...items);
    next ??= begin();
    const results = await next;
    return results.slice(start, start + items.length);
  };
}
