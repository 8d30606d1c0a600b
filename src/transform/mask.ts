import type { Treatment } from '../model/treatment.ts';
import { firstGraphemes, lastGraphemes } from './grapheme.ts';
import { maskEmails } from './mask-email.ts';
import { isInitials, maskToInitials } from './mask-initials.ts';
import { STARS } from './stars.ts';
import type { Transform } from './transform.ts';

type MaskTreatment = Treatment & { kind: 'mask' };

function maskerFor(treatment: MaskTreatment): (text: string) => string {
  switch (treatment.style) {
    case 'email':
      return maskEmails;
    case 'initials':
      return maskToInitials;
    case 'keep-first':
      return (text) => `${firstGraphemes(text, treatment.keep) ?? ''}${STARS}`;
    case 'keep-last':
      return (text) => `${STARS}${lastGraphemes(text, treatment.keep) ?? ''}`;
  }
}

/** Strings keep a part that people need to tell records apart. Numbers become null: a masked number is not a number. */
export function maskTransform(treatment: MaskTreatment): Transform {
  const mask = maskerFor(treatment);
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : mask(text)),
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises:
      treatment.style === 'initials'
        ? (text) => text.includes(STARS) || isInitials(text)
        : (text) => text.includes(STARS),
  };
}
