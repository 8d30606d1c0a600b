import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DETECTORS, LEAST_REVEALING_FIRST, type Treatment } from '../../src/model/treatment.ts';
import { leastRevealing, treatmentOf } from '../../src/policy/treatment.ts';
import { anyTreatment } from './treatments.ts';

const mask = (style: 'keep-first' | 'keep-last', keep: number): Treatment => ({ kind: 'mask', style, keep });
const range = (size: number): Treatment => ({ kind: 'generalize', to: 'range', size });
const REDACT: Treatment = { kind: 'redact' };
const HASH: Treatment = { kind: 'hash' };
const EMAIL: Treatment = { kind: 'mask', style: 'email' };

function rank(treatment: Treatment): number {
  return LEAST_REVEALING_FIRST.indexOf(treatment.kind);
}

describe('leastRevealing', () => {
  it.each<[string, [Treatment, ...Treatment[]], Treatment]>([
    ['one alone', [EMAIL], EMAIL],
    ['remove over null', [{ kind: 'null' }, { kind: 'remove' }], { kind: 'remove' }],
    ['hash over generalize', [{ kind: 'generalize', to: 'year' }, HASH], HASH],
    ['mask over scan', [{ kind: 'scan', find: ['email'] }, EMAIL], EMAIL],
    ['the mask that keeps less', [mask('keep-last', 4), mask('keep-last', 2)], mask('keep-last', 2)],
    ['masks of other styles: redact', [mask('keep-last', 4), mask('keep-first', 2)], REDACT],
    ['e-mail mask and initials: redact', [EMAIL, { kind: 'mask', style: 'initials' }], REDACT],
    ['e-mail mask and keep-first: redact', [EMAIL, mask('keep-first', 1)], REDACT],
    [
      'year over month',
      [
        { kind: 'generalize', to: 'month' },
        { kind: 'generalize', to: 'year' },
      ],
      { kind: 'generalize', to: 'year' },
    ],
    [
      'the shorter prefix',
      [
        { kind: 'generalize', to: 'prefix', keep: 3 },
        { kind: 'generalize', to: 'prefix', keep: 2 },
      ],
      { kind: 'generalize', to: 'prefix', keep: 2 },
    ],
    ['the larger range', [range(10), range(100)], range(100)],
    ['ranges that cut each other: redact', [range(10), range(15)], REDACT],
    ['ranges that cut each other within a larger one: redact', [range(30), range(10), range(15)], REDACT],
    [
      'generalizations that cannot be compared: redact',
      [{ kind: 'generalize', to: 'year' }, range(10)],
      REDACT,
    ],
    ['a conflict is a redact, even beside a hash', [EMAIL, mask('keep-first', 1), HASH], REDACT],
    [
      'scans together',
      [
        { kind: 'scan', find: ['phone'] },
        { kind: 'scan', find: ['email', 'phone'] },
      ],
      { kind: 'scan', find: ['email', 'phone'] },
    ],
  ])('%s', (_, treatments, expected) => {
    expect(leastRevealing(treatments)).toEqual(expected);
  });

  it('does not depend on order, and more treatments never reveal more', () => {
    const some = fc.array(anyTreatment, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, anyTreatment, (treatments, more) => {
        const [first, ...rest] = treatments as [Treatment, ...Treatment[]];
        const before = leastRevealing([first, ...rest]);
        const [last, ...reversed] = treatments.toReversed() as [Treatment, ...Treatment[]];
        expect(leastRevealing([last, ...reversed])).toEqual(before);
        const after = leastRevealing([first, ...rest, more]);
        expect(leastRevealing([before, after])).toEqual(after);
        expect(rank(after)).toBeLessThanOrEqual(Math.min(rank(before), rank(more)));
      }),
    );
  });
});

describe('treatmentOf', () => {
  it.each([
    ['remove', { kind: 'remove' }],
    ['null', { kind: 'null' }],
    [{ mask: 'email' }, EMAIL],
    [{ mask: 'keep-last', keep: 4 }, mask('keep-last', 4)],
    [{ generalize: 'month' }, { kind: 'generalize', to: 'month' }],
    [{ generalize: 'range', size: 5 }, range(5)],
    [
      { generalize: 'prefix', keep: 2 },
      { kind: 'generalize', to: 'prefix', keep: 2 },
    ],
    [{ scan: [...DETECTORS] }, { kind: 'scan', find: ['card', 'email', 'iban', 'national-id', 'phone'] }],
  ] as const)('reads %j', (document, treatment) => {
    expect(treatmentOf(document)).toEqual(treatment);
  });
});
