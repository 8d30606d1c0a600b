import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { type ByteEdit, DECLINED, UNCHANGED } from '../../../src/media/byte-edit.ts';
import { DETECTORS } from '../../../src/model/treatment.ts';
import { createScanEdit } from '../../../src/transform/scan/bytes/scan-edit.ts';
import { createSeenTexts, type SeenTexts } from '../../../src/transform/scan/bytes/seen-texts.ts';
import { Finds } from '../../../src/transform/scan/finds.ts';
import { scanText } from '../../../src/transform/scan/scan-text.ts';

/** Long enough to be remembered. */
const FILLER = 'Cliente desde 2009, sin incidencias. Prefiere que se le llame por la tarde. ';

/** What an edit makes of a text that begins at `start`; undefined where it declines. */
function edited(edit: Pick<ByteEdit, 'roomFor' | 'write'>, text: string, start = 0): string | undefined {
  const from = Buffer.from(`${'9'.repeat(start)}${text}9`);
  const end = from.length - 1;
  const to = Buffer.alloc(edit.roomFor(end - start));
  const length = edit.write(from, start, end, to, 0);
  if (length === DECLINED) return undefined;
  return length === UNCHANGED ? text : to.toString('utf8', 0, length);
}

function findsOf(...spans: readonly (readonly [number, number])[]): Finds {
  const finds = new Finds();
  for (const [start, end] of spans) finds.add('phone', start, end);
  return finds;
}

function keep(seen: SeenTexts, text: string, finds: Finds): void {
  const bytes = Buffer.from(text);
  expect(seen.recall(bytes, 0, bytes.length, new Finds())).toBe(false);
  seen.keep(0, finds);
}

function recalls(seen: SeenTexts, text: string): boolean {
  const bytes = Buffer.from(text);
  return seen.recall(bytes, 0, bytes.length, new Finds());
}

describe('a text that comes again', () => {
  const pieceArb = fc.oneof(
    fc.constantFrom('ana@example.com', '+34 612 345 678', '12345678Z', '4111 1111 1111 1111', 'žluťoučký'),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  const noteArb = fc
    .array(pieceArb, { maxLength: 6 })
    .map((pieces) => FILLER + pieces.join(' '))
    .filter((text) => text.isWellFormed());

  it('is shown as the first time, wherever it stands and whatever came between', () => {
    const edit = createScanEdit(DETECTORS, DEFAULT_LIMITS);
    fc.assert(
      fc.property(fc.array(noteArb, { minLength: 1, maxLength: 8 }), fc.nat(9), (notes, start) => {
        for (const note of [...notes, ...notes, ...notes.toReversed()]) {
          const shown = edited(edit, note, start);
          if (shown !== undefined) expect(shown).toBe(scanText(note, DETECTORS, DEFAULT_LIMITS));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is searched anew for other detectors', () => {
    const note = `${FILLER}ana@example.com, 612 345 678`;
    const emails = createScanEdit(['email'], DEFAULT_LIMITS);
    const phones = createScanEdit(['phone'], DEFAULT_LIMITS);
    for (let time = 0; time < 2; time++) {
      expect(edited(emails, note)).toBe(`${FILLER}[email], 612 345 678`);
      expect(edited(phones, note)).toBe(`${FILLER}ana@example.com, [phone]`);
    }
  });

  it('is searched anew as the content of a JSON string', () => {
    const content = String.raw`${FILLER}\u002b34612345678`;
    const { escaped, ...plain } = createScanEdit(DETECTORS, DEFAULT_LIMITS);
    for (let time = 0; time < 2; time++) {
      expect(edited(plain, content)).not.toBe(`${FILLER}[phone]`);
      expect(escaped && edited(escaped, content)).toBe(`${FILLER}[phone]`);
    }
  });

  it.each([
    ['short', 'a@example.com'],
    ['long', `${FILLER.repeat(1_000)}612 345 678`],
    ['full of finds', `${FILLER}${'ana@example.com, '.repeat(12)}`],
  ])('is shown as the first time when it is %s', (_, note) => {
    const edit = createScanEdit(DETECTORS, DEFAULT_LIMITS);
    const scanned = scanText(note, DETECTORS, DEFAULT_LIMITS);
    expect([edited(edit, note), edited(edit, note)]).toEqual([scanned, scanned]);
  });
});

describe('texts seen before', () => {
  it('are known with what was found in them, from where they begin', () => {
    const seen = createSeenTexts();
    keep(seen, FILLER, findsOf([3, 9], [20, 40]));
    const finds = findsOf([1, 2]);
    const moved = Buffer.from(`12345${FILLER}`);
    expect(seen.recall(moved, 5, moved.length, finds)).toBe(true);
    const spans = Array.from({ length: finds.count }, (_, find) => [
      finds.detectorOf(find),
      finds.startOf(find),
      finds.endOf(find),
    ]);
    expect(spans).toEqual([
      ['phone', 8, 14],
      ['phone', 25, 45],
    ]);
  });

  it('are told apart by every byte', () => {
    const seen = createSeenTexts();
    keep(seen, FILLER, findsOf());
    expect(recalls(seen, FILLER)).toBe(true);
    for (let at = 0; at < FILLER.length; at++) {
      expect(recalls(seen, `${FILLER.slice(0, at)}#${FILLER.slice(at + 1)}`)).toBe(false);
    }
    expect(recalls(seen, FILLER.slice(1))).toBe(false);
    expect(recalls(seen, `${FILLER} `)).toBe(false);
  });

  it('are not known in another use', () => {
    keep(createSeenTexts(), FILLER, findsOf());
    expect(recalls(createSeenTexts(), FILLER)).toBe(false);
  });

  it('are asked for less while none comes again, and always once some do', () => {
    const seen = createSeenTexts();
    const noteOf = (number: number): string => `${FILLER}${number}`;
    const isKnown = (number: number): boolean => recalls(seen, noteOf(number));
    for (let number = 0; number < 2_000; number++) keep(seen, noteOf(number), findsOf());
    const known = Array.from({ length: 100 }, (_, index) => {
      keep(seen, noteOf(5_000 + index), findsOf());
      return isKnown(5_000 + index);
    });
    expect(known).not.toContain(true);
    for (let round = 0; round < 40; round++) {
      for (let number = 0; number < 6; number++) if (!isKnown(number)) seen.keep(0, findsOf());
    }
    expect([0, 1, 2, 3, 4, 5].every(isKnown)).toBe(true);
  });

  it('give way to newer ones', () => {
    const seen = createSeenTexts();
    const noteOf = (number: number): string => `${FILLER}${number}`;
    const count = 60_000;
    for (let number = 0; number < count; number++) {
      keep(seen, noteOf(number), findsOf());
      // So that asking stays worthwhile.
      expect(recalls(seen, noteOf(number))).toBe(true);
    }
    const isKnown = (number: number): boolean => recalls(seen, noteOf(number));
    const newest = Array.from({ length: 600 }, (_, index) => isKnown(count - 1 - index));
    expect(newest.filter(Boolean).length).toBeGreaterThan(550);
    const oldest = Array.from({ length: 300 }, (_, index) => isKnown(index));
    expect(oldest.filter(Boolean).length).toBeLessThan(30);
  });
});
