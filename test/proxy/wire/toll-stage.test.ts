import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Toll, tollStage } from '../../../src/proxy/wire/toll-stage.ts';

const filter = { push: (chunk: Buffer) => chunk, end: () => Buffer.from('.') };

async function send(chunks: readonly string[], toll: Toll, windowBytesMax: number) {
  const stage = tollStage(filter, toll, windowBytesMax);
  const out: string[] = [];
  stage.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  const ended = new Promise<string>((resolve) => {
    stage.on('end', () => resolve('ended')).on('error', (error) => resolve(error.message));
  });
  for (const chunk of chunks) stage.write(chunk);
  stage.end();
  return { out, ended: await ended };
}

describe('a body whose records are counted before they leave', () => {
  it('asks once where it fits into a window, and then leaves whole', async () => {
    let asked = 0;
    const sent = await send(['ab', 'cd'], () => void asked++, 100);
    expect([sent, asked]).toEqual([{ out: ['abcd.'], ended: 'ended' }, 1]);
  });

  it('asks a window at a time where it is longer', async () => {
    let asked = 0;
    const { out } = await send(['abc', 'def', 'ghi', 'j'], () => void asked++, 6);
    expect(out).toEqual(['abcdef', 'ghij.']);
    expect(asked).toBe(2);
  });

  it('lets nothing of a window leave before it is counted', async () => {
    const seen: string[] = [];
    const stage = tollStage(
      filter,
      async () => {
        await sleep(20);
        seen.push('counted');
      },
      3,
    );
    stage.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    stage.write('abc');
    stage.end('d');
    await new Promise((resolve) => stage.on('end', resolve));
    expect(seen).toEqual(['counted', 'abc', 'counted', 'd.']);
  });

  it('ends in an error where a window is refused, with what was counted before', async () => {
    let asked = 0;
    const refuseSecond = () => (++asked === 2 ? Promise.reject(new Error('spent')) : undefined);
    expect(await send(['abc', 'def', 'ghi'], refuseSecond, 3)).toEqual({ out: ['abc'], ended: 'spent' });
  });
});
