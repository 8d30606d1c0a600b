import type { RecordCursor } from '../../media/record.ts';
import { MediaError } from '../../media/rewriter.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { type Layout, NOWHERE, TWICE } from './record-layout.ts';

/**
 * The facts of a record. A fact that a decision depends on must appear once: of two, the CRM's parser and the client's
 * may pick different ones.
 * @throws MediaError ambiguous
 */
export function factsOf(record: RecordCursor, layout: Layout): RecordFacts {
  const { view } = layout.plan;
  // Conditions are about values, but a stored field holds a token.
  return (field) => (view.stored?.(field) === undefined ? textIn(record, layout, field) : undefined);
}

/** A fact as it stands in the record, where it may be a token. */
export function textIn(record: RecordCursor, layout: Layout, field: string): string | null | undefined {
  const index = indexIn(record, layout, field);
  if (index === NOWHERE) return undefined;
  if (record.kind(index) === 'null') return null;
  return isPlain(record, index) ? record.text(index) : undefined;
}

/** Index of a fact's field; `NOWHERE` if there is none, or if it holds a token. */
export function indexOfFact(record: RecordCursor, layout: Layout, field: string): number {
  return layout.plan.view.stored?.(field) === undefined ? indexIn(record, layout, field) : NOWHERE;
}

/**
 * Older values of a field (HubSpot's `propertiesWithHistory`) appear beside it under the same name, in a list: they do
 * not count as a second fact.
 * @throws MediaError ambiguous
 */
function indexIn(record: RecordCursor, { indexOf, indicesOf }: Layout, field: string): number {
  const found = indexOf(field);
  if (found !== TWICE) return found;
  const [only = NOWHERE, ...more] = indicesOf(field).filter((index) => record.kind(index) !== 'container');
  if (more.length > 0)
    throw new MediaError('ambiguous', 'a field that a decision depends on occurs twice', 0);
  return only;
}

/** It has a text. */
export function isPlain(record: RecordCursor, index: number): boolean {
  const kind = record.kind(index);
  return kind === 'string' || kind === 'number' || kind === 'boolean';
}
