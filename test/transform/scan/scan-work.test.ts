import { Session } from 'node:inspector/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { type ByteEdit, DECLINED } from '../../../src/media/byte-edit.ts';
import { DETECTORS } from '../../../src/model/treatment.ts';

const LENGTH = 5_000;
/** A text so many times as long may take half as many times more again: V8 leaves out counts that are the same as those around. */
const TIMES = 8;
const TIMES_MAX = 12;

const session = new Session();
let edit: ByteEdit;

/** V8 counts the blocks of what it compiles from now on. */
beforeAll(async () => {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  vi.resetModules();
  const { createScanEdit } = await import('../../../src/transform/scan/bytes/scan-edit.ts');
  edit = createScanEdit(DETECTORS, DEFAULT_LIMITS);
});

afterAll(() => {
  session.disconnect();
});

/** How often a block of the scan's code is run while it searches a text of a piece repeated. */
async function workOf(piece: string, length: number): Promise<number> {
  const text = Buffer.from(piece.repeat(Math.ceil(length / piece.length)));
  const to = Buffer.alloc(edit.roomFor(text.length));
  await session.post('Profiler.takePreciseCoverage');
  expect(edit.write(text, 0, text.length, to, 0)).not.toBe(DECLINED);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/src/transform/scan/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

describe('the scan by bytes', () => {
  it.each([
    ['letters', 'a'],
    ['at signs', '@'],
    ['local parts without a domain', 'a.a@'],
    ['local parts of other scripts', 'ж.ж@'],
    ['domains without an end', '@a.'],
    ['digits', '6'],
    ['digits and blanks', '1 2 3 '],
    ['digits in twos', '12 1 '],
    ['plus and digits', '+1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 '],
    ['00 and digits', '00 1 2 3 4 5 6 '],
    ['ids', '44051401358 '],
    ['line ends', '+1 2 3 4 5\n'],
    ['dates', '05.07.2024 '],
    ['phones', '612345678, '],
    ['IBAN beginnings', 'ES1'],
    ['words', 'RCC MNL 83S18 D969 '],
    ['dates of a codice fiscale', 'lllll'],
    ['ampersands', '&amp '],
    ['brackets', '(at '],
    ['letters of two bytes', 'ж'],
    ['full-width digits', '６ '],
    ['combining marks', '6\u0301'],
  ])('does work in proportion to the text: %s', async (_, piece) => {
    const once = await workOf(piece, LENGTH);
    const longer = await workOf(piece, LENGTH * TIMES);
    expect(once).toBeGreaterThan(LENGTH / 4);
    expect(longer).toBeLessThan(once * TIMES_MAX);
  });
});
