import { describe, expect, it } from 'vitest';
import { GENESIS, type Sealed, seal } from '../../src/audit/chain.ts';
import { entryOf } from '../fixtures/audit.ts';
import { verifyChain } from './verify-chain.ts';

function chain(length: number, instance = 'one', prefix = 'r'): Sealed[] {
  const events: Sealed[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const prev = events.at(-1)?.hash ?? GENESIS;
    const place = { instance, seq, prev, time: '2026-01-02T03:04:05.006Z' };
    const { value, hash } = seal(entryOf(`${prefix}${seq}`), place);
    events.push({ text: value.toString(), hash });
  }
  return events;
}

const whole = chain(10);
const texts = whole.map(({ text }) => text);
const other = chain(10, 'one', 'other').map(({ text }) => text);
const without = (...seqs: number[]) => texts.filter((_, index) => !seqs.includes(index + 1));
const at = (seq: number, text: string) => texts.with(seq - 1, text);
const T = (seq: number) => texts[seq - 1]!;

describe('a chain of events', () => {
  it('is whole when nothing was done to it', () => {
    expect(verifyChain(texts)).toEqual([{ instance: 'one', events: 10, firstSeq: 1, lastSeq: 10, ok: true }]);
  });

  it.each([
    ['an event changed', at(4, T(4).replace('"allow"', '"deny"')), 'altered', 4],
    ['an event cut off', at(4, T(4).slice(0, -5)), 'altered', 4],
    ['an event missing', without(4), 'gap', 5],
    ['several events missing', without(4, 5, 6), 'gap', 7],
    ['two events swapped', at(4, T(5)).with(4, T(4)), 'reordered', 4],
    ['an event moved to the end', [...without(4), T(4)], 'reordered', 4],
    ['an event replaced by another whole one', at(4, other[3]!), 'replaced', 4],
    ['all events from one on replaced', [...texts.slice(0, 5), ...other.slice(5)], 'replaced', 6],
    ['two different events of one number', [...texts, other[8]!], 'fork', 9],
    ['the first events missing', texts.slice(3), 'truncated-start', 4],
    ['the first event replaced by a later beginning', [other[2]!, ...texts.slice(3)], 'truncated-start', 3],
  ])('breaks with %s', (_what, tampered, kind, seq) => {
    const report = verifyChain(tampered);
    const broken = report.find(({ ok }) => !ok)?.break;
    expect(broken?.kind).toBe(kind);
    expect(broken?.seq).toBe(seq);
  });

  it('may hold an event twice', () => {
    expect(verifyChain([...texts.slice(0, 6), ...texts.slice(2)])).toMatchObject([{ ok: true, events: 10 }]);
  });

  it('may come again from far behind, if it leads to events that are remembered', () => {
    const long = chain(4_200).map(({ text }) => text);
    const forged = chain(4_200, 'one', 'other').map(({ text }) => text);
    expect(verifyChain([...long, ...long.slice(50)])).toMatchObject([{ ok: true, events: 4_200 }]);
    const broken = (again: string[]) => verifyChain([...long, ...again])[0]?.break;
    expect(broken(long.slice(50, 60))).toMatchObject({ kind: 'reordered', seq: 51 });
    expect(broken([long[50]!, ...long.slice(60)])).toMatchObject({ kind: 'reordered', seq: 51 });
    expect(broken([long[50]!, ...long.slice(4_000)])).toMatchObject({ kind: 'reordered', seq: 51 });
    expect(broken(forged)).toMatchObject({ kind: 'fork', seq: 4_200 - 4_096 + 1 });
  });

  it('may begin behind an anchor, and only behind the right one', () => {
    const { hash } = whole[3]!;
    expect(verifyChain(texts.slice(4), { instance: 'one', seq: 4, hash })).toMatchObject([
      { ok: true, firstSeq: 5, events: 6 },
    ]);
    expect(verifyChain(texts.slice(5), { instance: 'one', seq: 4, hash })[0]?.break?.kind).toBe(
      'truncated-start',
    );
    expect(verifyChain(texts.slice(4), { instance: 'one', seq: 4, hash: GENESIS })[0]?.break?.kind).toBe(
      'replaced',
    );
  });

  it('is told apart from those of other instances', () => {
    const two = chain(10, 'two').map(({ text }) => text);
    const mixed = texts.flatMap((text, index) => (index === 3 ? [two[index]!] : [text, two[index]!]));
    expect(verifyChain(mixed)).toMatchObject([
      { instance: 'one', ok: false, break: { kind: 'gap', seq: 5 } },
      { instance: 'two', ok: true, events: 10 },
    ]);
  });
});
