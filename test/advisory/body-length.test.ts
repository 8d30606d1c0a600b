/**
 * reply-from#265, reply-from#103, Kong#4630: a length that no longer held after a rewrite.
 * envoy#40340, envoy#46237: the first or last chunk skipped at some sizes.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { ask, closeAll, startCrm, startProxy } from '../proxy/loopback.ts';

afterEach(closeAll);

it.each([
  ['longer', (chunk: Buffer) => Buffer.concat([chunk, chunk]), 'abcabc'],
  ['shorter', (chunk: Buffer) => chunk.subarray(1), 'bc'],
  ['empty', () => Buffer.alloc(0), ''],
])('a %s body has its own length', async (_, push, expected) => {
  const crm = await startCrm((_, response) => response.writeHead(200, { 'content-length': 3 }).end('abc'));
  const proxy = await startProxy(crm.url, {
    passage: () => ({ filter: { push, end: () => Buffer.alloc(0) } }),
  });
  const reply = await ask(`${proxy.url}/`);
  expect(reply.body.toString()).toBe(expected);
  expect(reply.headers['content-length']).toBe(String(expected.length));
});

it('any split of an answer reaches the client whole', async () => {
  let parts: Buffer[] = [];
  const crm = await startCrm(async (_, response) => {
    for (const part of parts) {
      response.write(part);
      await wait(0);
    }
    response.end();
  });
  const proxy = await startProxy(crm.url, {
    passage: () => ({ filter: { push: (chunk) => chunk, end: () => Buffer.from('!') } }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 5 }), async (sizes) => {
      parts = sizes.map((size, index) => Buffer.alloc(size, 97 + index));
      const { body } = await ask(`${proxy.url}/`);
      expect(body.equals(Buffer.concat([...parts, Buffer.from('!')]))).toBe(true);
    }),
    { numRuns: 40 },
  );
});
