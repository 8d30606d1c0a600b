import type { Treatment } from '../model/treatment.ts';
import { generalizeDate, generalizeEpoch } from './generalize-date.ts';
import { generalizeToRange } from './generalize-range.ts';
import { firstGraphemes } from './grapheme.ts';
import { STARS } from './stars.ts';
import type { Transform } from './transform.ts';

type GeneralizeTreatment = Treatment & { kind: 'generalize' };

function operationsFor(treatment: GeneralizeTreatment): Pick<Transform, 'string' | 'number' | 'recognises'> {
  switch (treatment.to) {
    case 'month':
    case 'year':
      return {
        string: (text) => generalizeDate(text, treatment.to),
        number: (lexeme) => generalizeEpoch(lexeme, treatment.to),
        recognises: () => false,
      };
    case 'range': {
      const toRange = generalizeToRange(treatment.size);
      return { string: toRange, number: toRange, recognises: () => false };
    }
    case 'prefix':
      return {
        string: (text) => `${firstGraphemes(text, treatment.keep) ?? ''}${STARS}`,
        number: () => null,
        recognises: (text) => text.includes(STARS),
      };
  }
}

/**
 * Values become coarser but keep their form: a date the first of its month or year, a number the lower bound of its
 * bucket, a code its beginning. What cannot be read becomes null.
 */
export function generalizeTransform(treatment: GeneralizeTreatment): Transform {
  const { string, number, recognises } = operationsFor(treatment);
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : string(text)),
    number,
    boolean: () => null,
    container: () => null,
    recognises,
  };
}
