import type { Limits } from '../../limits.ts';
import type { ConsentEvent } from '../../model/consent.ts';
import type { AppendOutcome, ConsentRegistry } from '../registry.ts';
import { csvRows } from './csv-rows.ts';
import {
  EVENT_FIELDS,
  type EventField,
  type EventReading,
  readWrittenEvent,
  type WrittenEvent,
} from './written-event.ts';

export interface CsvImport {
  readonly registry: Pick<ConsentRegistry, 'append'>;
  readonly reading: EventReading;
  readonly limits: Pick<Limits, 'consentBatchMax' | 'consentRowBytesMax'>;
  /** Called for each thing that is wrong, as it is found. @param line where the row begins, from 1 */
  readonly complain: (line: number, message: string) => void;
}

export interface Imported {
  /** Events that are on record now and were not before. */
  readonly appended: number;
  /** Events that were on record already. */
  readonly known: number;
  /** Rows that were refused. */
  readonly refused: number;
}

/** What is said of an event that was not appended as it stands. */
const REMARKS: Readonly<Partial<Record<AppendOutcome, string>>> = {
  apart:
    'kept for each of id, email and phone by itself: together they would make one person of too many (limits.consentIdentifiersMax)',
  crowded: 'found an id, email or phone that many share, expected one person (limits.consentIdentifiersMax)',
  full: 'found a full history, expected only what takes something further away (limits.consentEventsMax)',
  nobody: 'found nobody, expected an id, an email or a phone',
};

/**
 * Imports events from CSV, row by row, in batches. Good rows are imported whatever is wrong with others; importing a
 * file again changes nothing.
 * @throws PrivetError CONSENT_UNAVAILABLE: what was imported by then stays
 */
export async function importCsv(
  chunks: AsyncIterable<Buffer>,
  { registry, reading, limits, complain }: CsvImport,
): Promise<Imported> {
  const counts = { appended: 0, known: 0, refused: 0 };
  let columns: readonly string[] | undefined;
  let batch: { readonly line: number; readonly event: ConsentEvent }[] = [];
  const refuse = (line: number, problems: readonly string[]): void => {
    counts.refused += 1;
    for (const problem of problems) complain(line, problem);
  };

  async function flush(): Promise<void> {
    const { outcomes } = await registry.append(batch.map(({ event }) => event));
    for (const [index, { line }] of batch.entries()) {
      const outcome = outcomes[index] ?? 'nobody';
      const remark = REMARKS[outcome];
      if (outcome === 'known') counts.known += 1;
      else if (outcome === 'appended' || outcome === 'apart') counts.appended += 1;
      else counts.refused += 1;
      if (remark !== undefined) complain(line, remark);
    }
    batch = [];
  }

  for await (const { line, cells, problem } of csvRows(chunks, limits.consentRowBytesMax)) {
    if (columns === undefined) {
      columns = cells?.map((name) => name.trim().toLowerCase()) ?? [];
      const problems = cells === undefined ? [problem ?? ''] : headerProblems(columns);
      if (problems.length === 0) continue;
      refuse(line, problems);
      return counts;
    }
    if (cells === undefined) refuse(line, [problem ?? '']);
    else if (cells.length !== columns.length)
      refuse(line, [`found ${cells.length} cells, expected ${columns.length} as in the header`]);
    else {
      const read = readWrittenEvent(eventOf(columns, cells), reading);
      if ('problems' in read) refuse(line, read.problems);
      else batch.push({ line, event: read.event });
    }
    if (batch.length >= limits.consentBatchMax) await flush();
  }
  if (columns === undefined) refuse(1, ['found no header, expected the names of the columns']);
  await flush();
  return counts;
}

function isField(name: string): name is EventField {
  return EVENT_FIELDS.some((field) => field === name);
}

function headerProblems(columns: readonly string[]): readonly string[] {
  const problems: string[] = [];
  const [only = ''] = columns;
  if (columns.length === 1 && /[;\t|]/.test(only))
    return ['found one column with other separators in its name, expected commas between columns'];
  if (!columns.every(isField))
    problems.push(`found a column of another name, expected names of ${EVENT_FIELDS.join(', ')}`);
  if (new Set(columns).size !== columns.length)
    problems.push('found a column twice, expected each at most once');
  for (const field of ['state', 'at'])
    if (!columns.includes(field)) problems.push(`found no column ${field}, expected one`);
  if (!['id', 'email', 'phone'].some((field) => columns.includes(field)))
    problems.push('found none of the columns id, email and phone, expected one at least');
  return problems;
}

function eventOf(columns: readonly string[], cells: readonly string[]): WrittenEvent {
  return Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? '']));
}
