import type { RecordCursor } from '../media/record.ts';
import { MediaError } from '../media/rewriter.ts';
import type { RecordFacts } from '../model/record-facts.ts';
import { type Layout, NOWHERE, TWICE } from './record-layout.ts';

/**
 * The facts of a record. A fact a decision rests on must be said once: of two, the CRM's parser and the client's may
 * pick different ones.
 * @throws MediaError ambiguous
 */
export function factsOf(record: RecordCursor, layout: Layout): RecordFacts {
  const { view } = layout.plan;
  // A condition is about values, and where they are stored there stands a token.
  return (field) => (view.stored?.(field) === undefined ? textIn(record, layout, field) : undefined);
}

/** A fact as it stands in the record, a token where one is stored. */
export function textIn(record: RecordCursor, layout: Layout, field: string): string | null | undefined {
  const index = indexIn(record, layout, field);
  if (index === NOWHERE) return undefined;
  if (record.kind(index) === 'null') return null;
  return isPlain(record, index) ? record.text(index) : undefined;
}

/** Where a fact stands; `NOWHERE` where it does not, or a token stands. */
export function indexOfFact(record: RecordCursor, layout: Layout, field: string): number {
  return layout.plan.view.stored?.(field) === undefined ? indexIn(record, layout, field) : NOWHERE;
}

/**
 * Older values of a field (HubSpot's `propertiesWithHistory`) stand beside it under the same name, in a list: they are no second word.
 * @throws MediaError ambiguous
 */
function indexIn(record: RecordCursor, { indexOf, indicesOf }: Layout, field: string): number {
  const found = indexOf(field);
  if (found !== TWICE) return found;
  const [only = NOWHERE, ...more] = indicesOf(field).filter((index) => record.kind(index) !== 'container');
  if (more.length > 0) throw new MediaError('ambiguous', 'a field that a decision rests on stands twice', 0);
  return only;
}

/** It has a text. */
export function isPlain(record: RecordCursor, index: number): boolean {
  const kind = record.kind(index);
  return kind === 'string' || kind === 'number' || kind === 'boolean';
}
