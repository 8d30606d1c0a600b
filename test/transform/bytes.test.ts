import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { DECLINED, UNCHANGED } from '../../src/media/byte-edit.ts';
import { DETECTORS, type Treatment } from '../../src/model/treatment.ts';
import { compileTransform } from '../../src/transform/compile.ts';
import type { Transform } from '../../src/transform/transform.ts';

const context = { field: 'Email', hash: () => 'A'.repeat(22), limits: DEFAULT_LIMITS };

const TREATMENTS: readonly Treatment[] = [
  { kind: 'redact' },
  { kind: 'token' },
  { kind: 'generalize', to: 'month' },
  { kind: 'generalize', to: 'year' },
  { kind: 'generalize', to: 'prefix', keep: 2 },
  { kind: 'mask', style: 'email' },
  { kind: 'mask', style: 'initials' },
  { kind: 'mask', style: 'keep-first', keep: 1 },
  { kind: 'mask', style: 'keep-first', keep: 5 },
  { kind: 'mask', style: 'keep-last', keep: 1 },
  { kind: 'mask', style: 'keep-last', keep: 4 },
  { kind: 'scan', find: DETECTORS },
];

/** What a transform makes of a text by its bytes; undefined where it declines. */
function byBytes({ bytes }: Transform, text: string): string | undefined {
  if (bytes === undefined) return undefined;
  const from = Buffer.from(`a${text}b`);
  const end = from.length - 1;
  const room = bytes.roomFor(end - 1);
  const to = Buffer.alloc(room + 2, 0x7e);
  const length = bytes.write(from, 1, end, to, 1);
  expect(to[0]).toBe(0x7e);
  expect(to[room + 1]).toBe(0x7e);
  if (length === DECLINED) return undefined;
  return length === UNCHANGED ? text : to.toString('utf8', 1, length);
}

const textArb = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
  fc.emailAddress(),
  fc
    .tuple(
      fc.constantFrom('a', 'ana', 'a.b+c', 'é', ''),
      fc.constantFrom('x.es', 'x', 'x-1.co.uk', '.es', 'x.e1', 'ñ.es'),
    )
    .map((parts) => parts.join('@')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc
    .tuple(fc.integer({ min: 0, max: 9_999 }), fc.nat(14), fc.nat(33))
    .map(([year, month, day]) =>
      [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-'),
    ),
  fc
    .array(fc.constantFrom('Ana', 'maría', 'López', "O'Neill", '7', '-', ' ', '  ', 'e\u0301', '\t'), {
      maxLength: 14,
    })
    .map((words) => words.join(' ')),
);

describe.each(TREATMENTS)('a transform by bytes: %o', (treatment) => {
  const transform = compileTransform(treatment, context);

  it('gives what it gives for the text, and keeps to its room', () => {
    fc.assert(
      fc.property(
        textArb.filter((text) => text.isWellFormed()),
        (text) => {
          const shown = byBytes(transform, text);
          if (shown !== undefined) expect(shown).toBe(transform.string(text));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('leaves an empty text empty', () => {
    expect(byBytes(transform, '')).toBe('');
  });
});

describe('what is plain is read by its bytes', () => {
  it.each<[Treatment, string, string]>([
    [{ kind: 'redact' }, 'ÄÖ', '[redacted]'],
    [{ kind: 'mask', style: 'email' }, 'ana.lopez@mail.example.com', 'a***@mail.example.com'],
    [{ kind: 'mask', style: 'email' }, 'a@example.com', '***@example.com'],
    [{ kind: 'mask', style: 'initials' }, "Ana-Maria  7 O'Neill", 'A. O.'],
    [{ kind: 'mask', style: 'initials' }, '12 34', '***'],
    [{ kind: 'mask', style: 'keep-first', keep: 2 }, 'CF10 1EPé', 'CF***'],
    [{ kind: 'mask', style: 'keep-last', keep: 4 }, 'é+34 612 345 678', '*** 678'],
    [{ kind: 'mask', style: 'keep-last', keep: 4 }, '1234', '***'],
    [{ kind: 'generalize', to: 'year' }, '1985-07-12', '1985-01-01'],
    [{ kind: 'generalize', to: 'month' }, '1985-07-12', '1985-07-01'],
    [{ kind: 'generalize', to: 'prefix', keep: 2 }, '28001', '28***'],
  ])('%o: %s', (treatment, text, shown) => {
    const transform = compileTransform(treatment, context);
    expect(byBytes(transform, text)).toBe(shown);
    expect(transform.string(text)).toBe(shown);
  });
});
