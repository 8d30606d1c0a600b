import type { Limits } from '../../limits.ts';
import type { Detector } from '../../model/treatment.ts';
import { REDACTED } from '../redact.ts';
import { findCards } from './card.ts';
import { Digits } from './digits.ts';
import { findEmails } from './email.ts';
import { Finds } from './finds.ts';
import { foldText } from './fold.ts';
import { findIbans } from './iban.ts';
import { findNationalIds } from './national-id.ts';
import { findPhones } from './phone.ts';

const HAS_EMAIL_SIGN = /[@&%\\([{<]| at | arroba /i;

/** What stands in a text for a find. */
export function labelOf(detector: Detector): string {
  return `[${detector}]`;
}

/** A scan is over before the next one begins, so that all share them. */
const digits = new Digits();
const finds = new Finds();

function find(detector: Detector, text: string): void {
  switch (detector) {
    case 'email':
      finds.addAll('email', findEmails(text));
      break;
    case 'iban':
      finds.addAll('iban', findIbans(text));
      break;
    case 'card':
      findCards(digits, finds);
      break;
    case 'national-id':
      findNationalIds(text, digits, finds);
      break;
    case 'phone':
      findPhones(digits, finds);
      break;
  }
}

/** @param text folded */
function findAll(text: string, detectors: readonly Detector[]): void {
  finds.clear();
  digits.read(text);
  const hasEmailSign = HAS_EMAIL_SIGN.test(text);
  for (const detector of detectors)
    if (detector === 'email' ? hasEmailSign : digits.groupCount > 0) find(detector, text);
  finds.merge();
}

/**
 * Replaces what the detectors find in a text by its label (`[email]`); every other character stays as it is. Linear in
 * the length of the text. A text of more bytes than the limit is redacted whole.
 * @returns the same string when nothing is found
 */
export function scanText(
  text: string,
  detectors: readonly Detector[],
  limits: Pick<Limits, 'scanBytesMax'>,
): string {
  // A UTF-16 code unit takes at most three bytes in UTF-8.
  if (text.length * 3 > limits.scanBytesMax && Buffer.byteLength(text) > limits.scanBytesMax) return REDACTED;
  const folded = foldText(text);
  findAll(folded.text, detectors);
  if (finds.count === 0) return text;
  const parts: string[] = [];
  let shown = 0;
  for (let index = 0; index < finds.count; index++) {
    const { start, end } = folded.original({ start: finds.startOf(index), end: finds.endOf(index) });
    parts.push(text.slice(shown, start), labelOf(finds.detectorOf(index)));
    shown = end;
  }
  parts.push(text.slice(shown));
  return parts.join('');
}
