import type { Denial, FieldView } from '../../model/decision.ts';
import type { FieldUse } from '../../model/operation.ts';
import type { MappedField } from '../data-map.ts';
import { coversCategory, PAYLOAD } from '../language/vocabulary.ts';

/**
 * What is known of the text in a field. `payload`: JSON is expected in it. `untold`: no data map says. `told`: a data
 * map says that it is something else, such as a name, or what people type.
 */
export type TextContent = 'payload' | 'untold' | 'told';

/** @param fields all that may be meant by a name */
export function contentOf(fields: readonly MappedField[]): TextContent {
  if (fields.length === 0) return 'untold';
  const isPayload = ({ categories }: MappedField): boolean =>
    categories.some((category) => category === PAYLOAD || coversCategory(`${PAYLOAD}.*`, category));
  return fields.some(isPayload) ? 'payload' : 'told';
}

/**
 * JSON within a text is treated by the names in it, so a field that is shown clear may hold what is not. Whoever has
 * something hidden from them does not ask what stands within such a text, where JSON is expected or nobody says what
 * stands there; and nowhere by what only JSON has. What a whole text is or begins with, up to the first quote, tells
 * nothing of it.
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
    message: `${name}${of} may hold JSON with what is hidden from you${why}, so it cannot be asked for parts of it.`,
  };
}
