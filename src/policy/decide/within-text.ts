import type { Denial, FieldView } from '../../model/decision.ts';
import type { FieldUse } from '../../model/operation.ts';
import type { MappedField } from '../data-map.ts';
import { coversCategory, PAYLOAD } from '../language/vocabulary.ts';

/**
 * What is known about the text in a field. `payload`: JSON is expected in it. `untold`: no data map describes it.
 * `told`: a data map says that it is something else, such as a name or free text.
 */
export type TextContent = 'payload' | 'untold' | 'told';

/** @param fields all fields that a name may mean */
export function contentOf(fields: readonly MappedField[]): TextContent {
  if (fields.length === 0) return 'untold';
  const isPayload = ({ categories }: MappedField): boolean =>
    categories.some((category) => category === PAYLOAD || coversCategory(`${PAYLOAD}.*`, category));
  return fields.some(isPayload) ? 'payload' : 'told';
}

/**
 * JSON within a text is treated by the names in it, so a field that is shown clear may hold values that are hidden. A
 * principal that anything is hidden from must not ask for parts of a text where JSON is expected or nothing is known,
 * and nowhere for parts with a quote in them. Asking for a whole text, or for its beginning up to the first quote,
 * tells nothing about what is hidden.
 * @param hidden a field that is treated wherever its name stands; undefined: there is none
 */
export function withinDenial(
  hidden: FieldView | undefined,
  content: TextContent,
  { object, field, position, within }: FieldUse,
): Denial | undefined {
  if (hidden === undefined) return undefined;
  const asks =
    (position === 'filter' && (within === 'json' || (within === 'text' && content !== 'told'))) ||
    (position === 'search' && content !== 'told') ||
    ((position === 'sort' || position === 'aggregate') && content === 'payload');
  if (!asks) return undefined;
  const of = object === '*' ? '' : ` of ${object}`;
  const name = field === '*' ? 'Some field' : field;
  const why = content === 'untold' ? ' and no data map says what stands in it' : '';
  return {
    policy: hidden.policies[0] ?? 'show',
    message: `${name}${of} may hold JSON with what is hidden from you${why}, so parts of it cannot be searched for.`,
  };
}
