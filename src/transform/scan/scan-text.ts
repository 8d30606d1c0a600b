import type { Limits } from '../../limits.ts';
import type { Detector } from '../../model/treatment.ts';
import { REDACTED } from '../redact.ts';
import { findCards } from './card.ts';
import { type DigitRun, digitRuns } from './digit-run.ts';
import { findEmails } from './email.ts';
import { foldText } from './fold.ts';
import { findIbans } from './iban.ts';
import { findNationalIds } from './national-id.ts';
import { findPhones, withoutDates } from './phone.ts';
import type { Span } from './span.ts';

export interface Find extends Span {
  readonly detector: Detector;
}

/** Where finds overlap, the one further left names the whole: what a check digit proves comes before what only looks alike. */
const SUREST_FIRST: readonly Detector[] = ['email', 'iban', 'card', 'national-id', 'phone'];

/** Up to here insertion beats the native sort. */
const FEW = 16;

const HAS_EMAIL_SIGN = /[@&%\\([{<]| at | arroba /i;
const HAS_NUMBER = /\d/;

/** What stands in a text for a find. */
export function labelOf(detector: Detector): string {
  return `[${detector}]`;
}

/** A folded text with what several detectors need to know of it. */
interface Reading {
  readonly text: string;
  readonly hasNumber: boolean;
  readonly hasEmailSign: boolean;
  readonly runs: readonly DigitRun[];
}

const FIND: Readonly<Record<Detector, (reading: Reading) => readonly Span[]>> = {
  email: ({ text, hasEmailSign }) => (hasEmailSign ? findEmails(text) : []),
  iban: ({ text, hasNumber }) => (hasNumber ? findIbans(text) : []),
  card: ({ runs }) => findCards(runs),
  'national-id': ({ text, hasNumber, runs }) => (hasNumber ? findNationalIds(text, runs) : []),
  phone: ({ text, runs }) => {
    if (runs.length === 0) return [];
    const dateless = withoutDates(text);
    return findPhones(dateless, dateless === text ? runs : digitRuns(dateless));
  },
};

function findAll(text: string, detectors: readonly Detector[]): Find[] {
  const hasNumber = HAS_NUMBER.test(text);
  const reading = {
    text,
    hasNumber,
    hasEmailSign: HAS_EMAIL_SIGN.test(text),
    runs: hasNumber ? digitRuns(text) : [],
  };
  const finds: Find[] = [];
  for (const detector of detectors) {
    for (const { start, end } of FIND[detector](reading)) finds.push({ start, end, detector });
  }
  return finds;
}

/** By start, the longer first. Few finds are sorted faster by hand. */
function inOrder(finds: readonly Find[]): readonly Find[] {
  if (finds.length > FEW) return finds.toSorted(compare);
  const sorted: Find[] = [];
  for (const find of finds) {
    let at = sorted.length;
    for (
      let before = sorted[at - 1];
      before !== undefined && compare(before, find) > 0;
      before = sorted[at - 1]
    )
      sorted[at--] = before;
    sorted[at] = find;
  }
  return sorted;
}

function compare(a: Find, b: Find): number {
  return a.start - b.start || b.end - a.end;
}

/** Joins finds that overlap, so that no end of either shows. */
export function merge(finds: readonly Find[]): readonly Find[] {
  if (finds.length < 2) return finds;
  const merged: Find[] = [];
  for (const find of inOrder(finds)) {
    const last = merged.at(-1);
    if (last === undefined || find.start >= last.end) {
      merged.push(find);
      continue;
    }
    const isSurer = SUREST_FIRST.indexOf(find.detector) < SUREST_FIRST.indexOf(last.detector);
    merged[merged.length - 1] = {
      start: last.start,
      end: Math.max(last.end, find.end),
      detector: isSurer ? find.detector : last.detector,
    };
  }
  return merged;
}

/**
 * Replaces what the detectors find in a text by its label (`[email]`); every other character stays as it is. Linear in the
 * length of the text. A text of more bytes than the limit is redacted whole.
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
  const finds = findAll(folded.text, detectors);
  if (finds.length === 0) return text;
  const parts: string[] = [];
  let shown = 0;
  for (const find of merge(finds)) {
    const { start, end } = folded.original(find);
    parts.push(text.slice(shown, start), labelOf(find.detector));
    shown = end;
  }
  parts.push(text.slice(shown));
  return parts.join('');
}
