import type { Walk } from './answer.ts';

/**
 * Goes through a body that is all there. What has to be known of its records is looked up before they are decided on.
 * @returns what is shown of it
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
