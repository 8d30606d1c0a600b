import type { Denial } from '../../model/decision.ts';
import type { FieldPosition, FieldUse } from '../../model/operation.ts';
import type { PolicyObjectView } from './object-view.ts';
import type { PolicyView } from './view.ts';
import { withinDenial } from './within-text.ts';

/** How a denial says what a field was to be used for. */
const USED_TO: Readonly<Record<Exclude<FieldPosition, 'select' | 'write'>, string>> = {
  filter: 'filter',
  sort: 'sort',
  group: 'group',
  aggregate: 'aggregate',
  derive: 'compute a value',
  lookup: 'look up records',
  search: 'search',
};

/** Refuses the first use that would tell something about the value of a field which is not shown clear. */
export function oracleDenial(view: PolicyView, uses: readonly FieldUse[]): Denial | undefined {
  for (const use of uses) {
    const denial = denialOfUse(view, use);
    if (denial !== undefined) return denial;
  }
  return undefined;
}

function denialOfUse(view: PolicyView, use: FieldUse): Denial | undefined {
  const { object, field, position } = use;
  if (position === 'select' || position === 'write') return undefined;
  const seen = view.of(object);
  const found = field === '*' ? (seen.treated[0] ?? seen.field('*')) : seen.field(field);
  if (found === undefined) {
    return tokenDenial(seen, use) ?? withinDenial(view.hidesInTexts, seen.content(field), use);
  }
  const named = found.field === '*' ? 'a field that no data map classifies' : found.field;
  const of = object === '*' ? '' : ` of ${object}`;
  return {
    policy: found.policies[0] ?? '',
    message: `${named}${of} is not shown in clear, so it cannot be used to ${USED_TO[position]}.`,
  };
}

/**
 * Tokens have neither order nor parts, so a stored field can be asked for equality alone, and not even that where equal
 * values have different tokens. A field that contains its value, such as the whole of an address, cannot be asked at all.
 */
function tokenDenial(
  seen: PolicyObjectView,
  { object, field, position, equals }: FieldUse,
): Denial | undefined {
  if (position === 'select' || position === 'write') return undefined;
  // Null and the empty value have no token in any form, so asking for them is harmless.
  const asksForAny = position === 'filter' && equals?.length === 0;
  const part = seen.storedPart(field);
  const name = part ?? (field === '*' ? seen.storedNames[0] : field);
  const stored = name === undefined ? undefined : seen.stored?.(name);
  if (stored === undefined || asksForAny) return undefined;
  const isRandom = stored.form.kind === 'random';
  if (part === undefined && !isRandom && equals !== undefined) return undefined;
  const of = object === '*' ? '' : ` of ${object}`;
  const whole = part === undefined ? 'it' : `${field}, which contains it,`;
  const only = part !== undefined || isRandom ? '' : ' but for equality';
  const message = `The CRM keeps tokens of ${name}${of}, so ${whole} cannot be used to ${USED_TO[position]}${only}.`;
  return { policy: stored.policies[0] ?? 'store', message };
}
