import type { Limits } from '../../../limits.ts';
import { type ByteEdit, DECLINED, UNCHANGED } from '../../../media/byte-edit.ts';
import type { Detector } from '../../../model/treatment.ts';
import { REDACTED } from '../../redact.ts';
import { findCards } from '../card.ts';
import { type DigitRun, digitRuns } from '../digit-run.ts';
import { findNumericIds } from '../national-id.ts';
import { findPhones, withoutDates } from '../phone.ts';
import { type Find, labelOf, merge } from '../scan-text.ts';
import type { Span } from '../span.ts';
import { digitRunsOf } from './digit-runs.ts';
import { emailsIn } from './emails.ts';
import { ibansIn } from './ibans.ts';
import { letteredIdsIn } from './lettered-ids.ts';
import { DIGIT, Reading } from './reading.ts';

/** Of all that is found, a label is at most so many times as long as what it stands for. */
const GROWTH_MAX = 3;

/** Entries in the groups of a run without separators. */
const SOLID = 2;

const reading = new Reading();

/** Undefined: the texts' own patterns must be asked. */
function spansOf(detector: Detector, runs: readonly DigitRun[]): readonly Span[] | undefined {
  switch (detector) {
    case 'email':
      return emailsIn(reading);
    case 'iban':
      return ibansIn(reading);
    case 'card':
      return runs.length === 0 ? [] : findCards(runs);
    case 'national-id':
      return nationalIdsIn(runs);
    case 'phone':
      return phonesIn(runs);
  }
}

function nationalIdsIn(runs: readonly DigitRun[]): readonly Span[] {
  if ((reading.signs & DIGIT) === 0) return [];
  return [...letteredIdsIn(reading), ...findNumericIds(runs)];
}

function phonesIn(runs: readonly DigitRun[]): readonly Span[] {
  if (runs.length === 0) return [];
  const text = reading.units.toString('latin1', 0, reading.length);
  // Parts of a date have separators between them.
  if (runs.every(({ groups }) => groups.length === SOLID)) return findPhones(text, runs);
  const dateless = withoutDates(text);
  return findPhones(dateless, dateless === text ? runs : digitRuns(dateless));
}

function findAll(detectors: readonly Detector[]): Find[] | undefined {
  const runs = reading.groupCount === 0 ? [] : digitRunsOf(reading);
  const finds: Find[] = [];
  for (const detector of detectors) {
    const spans = spansOf(detector, runs);
    if (spans === undefined) return undefined;
    for (const { start, end } of spans) finds.push({ start, end, detector });
  }
  return finds;
}

/**
 * As `scanText`, for texts that can be searched by their bytes: nearly all. Addresses in unusual spellings and references to
 * characters are left to it.
 */
export function createScanEdit(
  detectors: readonly Detector[],
  { scanBytesMax }: Pick<Limits, 'scanBytesMax'>,
): ByteEdit {
  const labels = new Map(detectors.map((detector) => [detector, Buffer.from(labelOf(detector))]));
  const redacted = Buffer.from(REDACTED);
  return {
    roomFor: (length) => length * GROWTH_MAX + redacted.length,
    write: (from, start, end, to, at) => {
      if (end - start > scanBytesMax) return at + redacted.copy(to, at);
      if (!reading.read(from, start, end)) return DECLINED;
      const finds = findAll(detectors);
      if (finds === undefined) return DECLINED;
      if (finds.length === 0) return UNCHANGED;
      const { origins } = reading;
      let out = at;
      let shown = start;
      for (const find of merge(finds)) {
        const found = origins[find.start] as number;
        out += from.copy(to, out, shown, found);
        out += labels.get(find.detector)?.copy(to, out) ?? 0;
        shown = origins[find.end] as number;
      }
      return out + from.copy(to, out, shown, end);
    },
  };
}
