import type { RecordCursor } from '../../media/record.ts';
import type { Transform } from '../../transform/transform.ts';
import type { Detokenized } from '../../vault/token/detokenize.ts';
import { looksLikeToken } from '../../vault/token/token.ts';
import type { FieldPlan, StoredPlan } from '../record/object-plan.ts';
import type { Place } from '../record/record-layout.ts';
import type { Counter, Tally, TallyKey } from '../record/tally.ts';
import { treatValue } from '../record/treat-value.ts';

/** Looks the counter up only when another key than the last is counted. */
export function count(place: Place, key: TallyKey, counterOf: (key: TallyKey) => Counter): void {
  if (place.counted !== key || place.countedBy !== counterOf) {
    place.counted = key;
    place.countedBy = counterOf;
    place.counter = counterOf(key);
  }
  place.counter.count++;
}

/**
 * Shows a field of which the CRM keeps tokens: the value is treated, not the token.
 * @param found what the token stands for
 */
export function showStored(
  record: RecordCursor,
  place: Place,
  plan: FieldPlan,
  stored: StoredPlan,
  found: Detokenized | undefined,
  tally: Tally,
): void {
  const { transform } = plan;
  const { index } = place;
  if (found === undefined || transform?.structure === 'remove' || transform?.structure === 'null') {
    if (transform !== undefined) treat(record, place, plan, transform, tally);
    return;
  }
  if ('failed' in found && found.failed === 'unknown' && !looksLikeToken(record.text(index))) {
    count(place, stored.unstored, tally.treated);
    if (transform !== undefined) treat(record, place, plan, transform, tally);
  } else if ('failed' in found || transform?.treatment.kind === 'token') {
    // A token is shown as it is, even one whose value is gone: it tells nothing.
    if (transform !== undefined) count(place, plan.key, tally.treated);
  } else {
    count(place, stored.detokenized, tally.treated);
    showValue(record, index, found.value, transform);
    if (transform !== undefined) count(place, plan.key, tally.treated);
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function showValue(
  record: RecordCursor,
  index: number,
  value: string,
  transform: Transform | undefined,
): void {
  const isNumber = record.kind(index) === 'number' && NUMBER.test(value);
  const shown =
    transform === undefined ? value : isNumber ? transform.number(value) : transform.string(value);
  if (shown === null) record.setLiteral(index, 'null');
  else if (isNumber) record.setLiteral(index, shown);
  else record.setString(index, shown);
}

/** Treats a field, and counts it when there was something to treat. */
export function treat(
  record: RecordCursor,
  place: Place,
  plan: FieldPlan,
  transform: Transform,
  tally: Tally,
): void {
  if (treatValue(record, place.index, transform)) count(place, plan.key, tally.treated);
}
