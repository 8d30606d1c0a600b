import type { Treatment } from '../model/treatment.ts';
import { truncateDate } from './bytes/date.ts';
import { keepFirst } from './bytes/keep.ts';
import { generalizeDate, generalizeEpoch } from './generalize-date.ts';
import { generalizeToRange } from './generalize-range.ts';
import { firstGraphemes } from './grapheme.ts';
import { STARS } from './stars.ts';
import type { Transform } from './transform.ts';

type GeneralizeTreatment = Treatment & { kind: 'generalize' };

type Operations = Pick<Transform, 'string' | 'bytes' | 'number' | 'recognises'>;

function operationsFor(treatment: GeneralizeTreatment): Operations {
  switch (treatment.to) {
    case 'month':
    case 'year':
      return {
        string: (text) => generalizeDate(text, treatment.to),
        bytes: truncateDate(treatment.to),
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
        bytes: keepFirst(treatment.keep),
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
  const { string, ...operations } = operationsFor(treatment);
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : string(text)),
    boolean: () => null,
    container: () => null,
    ...operations,
  };
}
