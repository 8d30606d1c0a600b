import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Treatment } from '../../src/model/treatment.ts';
import { generalizeTransform } from '../../src/transform/generalize.ts';

type Generalize = Treatment & { kind: 'generalize' };
const month: Generalize = { kind: 'generalize', to: 'month' };
const year: Generalize = { kind: 'generalize', to: 'year' };
const range = (size: number): Generalize => ({ kind: 'generalize', to: 'range', size });
const prefix = (keep: number): Generalize => ({ kind: 'generalize', to: 'prefix', keep });

describe('a date', () => {
  it.each([
    ['1985-07-12', '1985-07-01', '1985-01-01'],
    ['2024-07-12T10:20:30Z', '2024-07-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['2024-07-12T10:20:30.123+0000', '2024-07-01T00:00:00.000+0000', '2024-01-01T00:00:00.000+0000'], // Salesforce
    ['2024-07-12T10:20+02:00', '2024-07-01T00:00+02:00', '2024-01-01T00:00+02:00'],
    ['2024-07-12 10:20:30', '2024-07-01 00:00:00', '2024-01-01 00:00:00'], // Pipedrive
    ['1985-07', '1985-07', '1985-01'],
    ['1985', '1985', '1985'], // coarse enough already
    ['19850712', '19850701', '19850101'], // ISO 8601 basic
    ['489974400000', '489024000000', '473385600000'], // HubSpot: milliseconds in a string
    ['-489974400000', '-491875200000', '-504921600000'], // before 1970
    [' 1985-07-12 ', '1985-07-01', '1985-01-01'],
    ['12/07/1985', null, null], // the 12th of July or the 7th of December
    ['1985-13-12', null, null],
    ['1985-07-32', null, null],
    ['1985-07-12T99:00:00Z', null, null],
    ['1985-07-12 and more', null, null],
    ['12345678', null, null], // no such month
    ['yesterday', null, null],
    ['99999999999999999', null, null],
  ])('%j → %j by month, %j by year', (text, byMonth, byYear) => {
    expect(generalizeTransform(month).string(text)).toBe(byMonth);
    expect(generalizeTransform(year).string(text)).toBe(byYear);
  });

  it.each([
    ['489974400000', '489024000000', '473385600000'],
    ['-489974400000', '-491875200000', '-504921600000'],
    ['1720000000', '0', '0'], // seconds: nothing shows
    ['4.899744e11', '489024000000', '473385600000'],
    ['0.5', '0', '0'],
    ['1e300', null, null],
    ['8640000000000001', null, null], // beyond what a date can be
  ])('%s → %s by month, %s by year, as a number', (lexeme, byMonth, byYear) => {
    expect(generalizeTransform(month).number(lexeme)).toBe(byMonth);
    expect(generalizeTransform(year).number(lexeme)).toBe(byYear);
  });

  it('never shows a day', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2100-01-01') }),
        (date) => {
          const shown = generalizeTransform(month).string(date.toISOString());
          expect(shown).toBe(`${date.toISOString().slice(0, 7)}-01T00:00:00.000Z`);
          expect(generalizeTransform(month).number(String(date.getTime()))).toBe(
            String(new Date(shown ?? '').getTime()),
          );
        },
      ),
    );
  });
});

describe('a range', () => {
  it.each([
    [1000, '52340', '52000'],
    [1000, '52340.55', '52000'],
    [1000, '52000', '52000'],
    [1000, '0', '0'],
    [1000, '-0', '0'],
    [1000, '-1', '-1000'], // floor, not towards zero
    [1000, '-1000', '-1000'],
    [1000, '-0.5', '-1000'],
    [10, '12345678901234567890', '12345678901234567890'], // ends in 0
    [7, '12345678901234567890', '12345678901234567889'], // beyond a double
    [0.5, '1.75', '1.5'],
    [0.5, '-1.75', '-2'],
    [0.1, '0.3', '0.3'], // 0.30000000000000004 / 0.1 in doubles
    [1000, '5.234e4', '52000'],
    [1000, '52340E-1', '5000'],
    [1e21, '3000000000000000000000', '3000000000000000000000'],
    [1e-7, '0.00000025', '0.0000002'],
    [0, '5', null], // no bucket
    [-10, '5', null],
  ])('of %d: %s → %s', (size, lexeme, expected) => {
    expect(generalizeTransform(range(size)).number(lexeme)).toBe(expected);
    expect(generalizeTransform(range(size)).string(lexeme)).toBe(expected);
  });

  it.each(['1.234,56', '12 345', 'many', '1e9999', '9'.repeat(500), '0x10', '--1', '٥'])(
    'is null for %j',
    (text) => {
      expect(generalizeTransform(range(10)).string(text)).toBeNull();
    },
  );

  it('is the same for exact and for small numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 1e6 }), (value, size) => {
        const lower = Number(generalizeTransform(range(size)).number(`${value}.0`));
        expect(generalizeTransform(range(size)).number(String(value))).toBe(String(lower));
        expect(lower <= value && value < lower + size && lower % size === 0).toBe(true);
      }),
    );
  });
});

describe('a prefix', () => {
  it.each([
    [2, '28013', '28***'],
    [2, 'SW1A 1AA', 'SW***'],
    [5, '28013', '***'], // would be shown whole
    [2, '28', '***'],
    [1, 'e\u0301a', 'e\u0301***'],
  ])('of %d: %j → %j', (keep, text, expected) => {
    expect(generalizeTransform(prefix(keep)).string(text)).toBe(expected);
  });

  it('of a number is null: the rest of the digits would have to be made up', () => {
    expect(generalizeTransform(prefix(2)).number('28013')).toBeNull();
  });
});
