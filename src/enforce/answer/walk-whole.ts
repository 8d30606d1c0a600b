import type { Walk } from '../answer.ts';

/**
 * Walks through a body that is held whole, with the look-ups it needs.
 * @returns the rewritten body
 */
export async function walkWhole({ rewriter, gather }: Walk, body: Buffer): Promise<Buffer> {
  if (gather === undefined) return Buffer.concat([rewriter.push(body), rewriter.end()]);
  gather.rewriter.push(body);
  gather.rewriter.end();
  await gather.fetch(true);
  const shown: Buffer[] = [];
  for (let part = gather.rewriter.next(); part !== undefined; part = gather.rewriter.next()) shown.push(part);
  return Buffer.concat(shown);
}
