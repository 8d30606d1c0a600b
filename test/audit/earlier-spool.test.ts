import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseEarlierSpool } from '../../src/audit/earlier-spool.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import type { Store } from '../../src/store/store.ts';
import { TEST_LIMITS, temporaryDirectory } from '../fixtures/audit.ts';

describe('a store in which an earlier build kept audit events', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  const put = (marks: Readonly<Record<string, string>>) =>
    store.write(Object.entries(marks).map(([key, mark]) => ({ put: key, value: Buffer.from(mark) })));

  beforeEach(() => {
    directory = temporaryDirectory();
    store = openEmbedded(directory.path, TEST_LIMITS);
  });
  afterEach(async () => {
    await store.close();
    directory.remove();
  });

  it.each([
    ['none of which was shipped', { 'audit/head': '{"seq":3}' }],
    ['not all of which were shipped', { 'audit/head': '{"seq":3}', 'audit/trimmed': '{"seq":2}' }],
  ])('is refused with events, %s', async (_what, marks) => {
    await put(marks);
    await expect(refuseEarlierSpool(store)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      detail: expect.stringContaining('ship them with that build'),
    });
  });

  it.each([
    ['nothing of the kind', { 'vault/x': '1' }],
    ['events that were all shipped', { 'audit/head': '{"seq":3}', 'audit/trimmed': '{"seq":3}' }],
  ])('is taken with %s', async (_what, marks) => {
    await put(marks);
    await expect(refuseEarlierSpool(store)).resolves.toBeUndefined();
  });
});
