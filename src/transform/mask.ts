import type { ByteEdit } from '../media/byte-edit.ts';
import type { Treatment } from '../model/treatment.ts';
import { EMAIL_EDIT } from './bytes/email.ts';
import { INITIALS_EDIT } from './bytes/initials.ts';
import { keepFirst, keepLast } from './bytes/keep.ts';
import { firstGraphemes, lastGraphemes } from './grapheme.ts';
import { maskEmails } from './mask-email.ts';
import { isInitials, maskToInitials } from './mask-initials.ts';
import { STARS } from './stars.ts';
import type { Transform } from './transform.ts';

type MaskTreatment = Treatment & { kind: 'mask' };

interface Masker {
  readonly mask: (text: string) => string;
  readonly bytes: ByteEdit;
}

function maskerFor(treatment: MaskTreatment): Masker {
  switch (treatment.style) {
    case 'email':
      return { mask: maskEmails, bytes: EMAIL_EDIT };
    case 'initials':
      return { mask: maskToInitials, bytes: INITIALS_EDIT };
    case 'keep-first':
      return {
        mask: (text) => `${firstGraphemes(text, treatment.keep) ?? ''}${STARS}`,
        bytes: keepFirst(treatment.keep),
      };
    case 'keep-last':
      return {
        mask: (text) => `${STARS}${lastGraphemes(text, treatment.keep) ?? ''}`,
        bytes: keepLast(treatment.keep),
      };
  }
}

/** Strings keep a part that people need to tell records apart. Numbers become null: a masked number is not a number. */
export function maskTransform(treatment: MaskTreatment): Transform {
  const { mask, bytes } = maskerFor(treatment);
  return {
    treatment,
    structure: 'keep',
    string: (text) => (text === '' ? '' : mask(text)),
    bytes,
    number: () => null,
    boolean: () => null,
    container: () => null,
    recognises:
      treatment.style === 'initials'
        ? (text) => text.includes(STARS) || isInitials(text)
        : (text) => text.includes(STARS),
  };
}
