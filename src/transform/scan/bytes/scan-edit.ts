import type { Limits } from '../../../limits.ts';
import { type ByteEdit, DECLINED, UNCHANGED } from '../../../media/byte-edit.ts';
import type { Detector } from '../../../model/treatment.ts';
import { REDACTED } from '../../redact.ts';
import { findCards } from '../card.ts';
import { Finds } from '../finds.ts';
import { findNumericIds } from '../national-id.ts';
import { findPhones } from '../phone.ts';
import { labelOf } from '../scan-text.ts';
import { findEmails } from './emails.ts';
import { findIbans } from './ibans.ts';
import { findLetteredIds } from './lettered-ids.ts';
import { Reading } from './reading.ts';
import { createSeenTexts } from './seen-texts.ts';

/** A label is at most this many times as long as the find that it replaces. */
const GROWTH_MAX = 3;

/** Shared by all edits: one is over before the next begins. */
const reading = new Reading();
const finds = new Finds();

const originOf = (position: number): number => reading.origin(position);

/** @returns false where the patterns of the scan of texts must be asked */
function findAll(detectors: readonly Detector[]): boolean {
  const { digits } = reading;
  finds.clear();
  for (const detector of detectors) {
    if (detector === 'email') {
      if (!findEmails(reading, finds)) return false;
    } else if (digits.groupCount > 0) findNumbers(detector);
  }
  finds.merge();
  return true;
}

function findNumbers(detector: Exclude<Detector, 'email'>): void {
  const { digits } = reading;
  switch (detector) {
    case 'iban':
      findIbans(reading, finds);
      break;
    case 'card':
      findCards(digits, finds);
      break;
    case 'national-id':
      findLetteredIds(reading, finds);
      findNumericIds(digits, finds);
      break;
    case 'phone':
      findPhones(digits, finds);
      break;
  }
}

/**
 * As `scanText`, for nearly all texts: those that can be searched by their bytes. It declines addresses in unusual
 * spellings and character references. The rest of a text keeps its spelling, escapes included.
 */
export function createScanEdit(
  detectors: readonly Detector[],
  { scanBytesMax }: Pick<Limits, 'scanBytesMax'>,
): ByteEdit {
  const labels = new Map(detectors.map((detector) => [detector, Buffer.from(labelOf(detector))]));
  const redacted = Buffer.from(REDACTED);
  const roomFor = (length: number): number => length * GROWTH_MAX + redacted.length;

  const replaceFinds = (from: Buffer, start: number, end: number, to: Buffer, at: number): number => {
    let out = at;
    let shown = start;
    for (let find = 0; find < finds.count; find++) {
      out = copy(from, shown, finds.startOf(find), to, out);
      const label = labels.get(finds.detectorOf(find)) ?? redacted;
      out = copy(label, 0, label.length, to, out);
      shown = finds.endOf(find);
    }
    return copy(from, shown, end, to, out);
  };

  const scan = (isEscaped: boolean): ByteEdit['write'] => {
    const seen = createSeenTexts();
    return (from, start, end, to, at) => {
      if (!seen.recall(from, start, end, finds)) {
        if (!reading.read(from, start, end, isEscaped) || !findAll(detectors)) return DECLINED;
        finds.movePositions(originOf);
        seen.keep(start, finds);
      }
      return finds.count === 0 ? UNCHANGED : replaceFinds(from, start, end, to, at);
    };
  };
  const scanPlain = scan(false);
  const scanEscaped = scan(true);
  return {
    roomFor,
    write: (from, start, end, to, at) =>
      end - start > scanBytesMax ? at + redacted.copy(to, at) : scanPlain(from, start, end, to, at),
    escaped: {
      roomFor,
      // The text may be shorter than its spelling.
      write: (from, start, end, to, at) =>
        end - start > scanBytesMax ? DECLINED : scanEscaped(from, start, end, to, at),
    },
  };
}

/** Up to this length a loop is faster than the call into native code. */
const SHORT_COPY = 24;

function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start > SHORT_COPY) return at + from.copy(to, at, start, end);
  let out = at;
  for (let index = start; index < end; index++) to[out++] = from[index] as number;
  return out;
}
