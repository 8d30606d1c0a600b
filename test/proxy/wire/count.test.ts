import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { countingFilter } from '../../../src/proxy/wire/count.ts';

const BODY = Buffer.from('one two three');

function counting(coding?: 'gzip') {
  const seen: string[] = [];
  const rewriter = {
    push: (chunk: Buffer) => {
      seen.push(chunk.toString());
      return chunk;
    },
    end: () => {
      seen.push('end');
      return Buffer.alloc(0);
    },
  };
  return { seen, ...countingFilter({ rewriter }, coding, DEFAULT_LIMITS) };
}

describe('counting what passes untouched', () => {
  it.each([
    ['plain', undefined, BODY],
    ['coded', 'gzip', gzipSync(BODY)],
  ] as const)('sees all of a %s body and changes no byte of it', async (_, coding, body) => {
    const { seen, filter, over } = counting(coding);
    expect(Buffer.concat([filter.push(body), filter.end()])).toEqual(body);
    await over();
    expect(seen.slice(0, 2)).toEqual([BODY.toString(), 'end']);
  });

  it.each([
    ['plain', undefined, BODY.subarray(0, 7)],
    ['coded', 'gzip', gzipSync(BODY).subarray(0, -4)],
  ] as const)('ends with a %s answer that breaks off, and has seen what passed', async (_, coding, part) => {
    const { seen, filter, over } = counting(coding);
    filter.push(part);
    await over();
    expect(BODY.toString()).toContain(seen[0]);
  });

  it.each([undefined, 'gzip'] as const)(
    'ends with an answer that has no body (coding %s)',
    async (coding) => {
      await counting(coding).over();
    },
  );
});
