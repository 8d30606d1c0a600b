import type { View } from '../../model/decision.ts';
import type { Scalar } from '../record/written-value.ts';
import type { VaultAccess } from '../stored/vault-access.ts';

/** The value of a field, and its token where the CRM keeps one. */
export interface CurrentValue {
  readonly value: Scalar;
  readonly token?: string;
}

/** Field → its current value, of one record. */
export type CurrentRecord = ReadonlyMap<string, CurrentValue>;

/** Record id → field → value. */
type Read = Iterable<readonly [id: string, record: ReadonlyMap<string, Scalar>]>;

/**
 * The values of an object's records, with tokens resolved: what people were shown was made of the values.
 * @throws PrivetError VAULT_UNAVAILABLE
 */
export async function revealCurrent(
  read: Read,
  object: string,
  view: View,
  vault: VaultAccess,
): Promise<Map<string, CurrentRecord>> {
  const seen = view.of(object);
  const values = new Map<string, Map<string, CurrentValue>>();
  const kept: {
    readonly record: Map<string, CurrentValue>;
    readonly field: string;
    readonly token: string;
  }[] = [];
  const items: { domain: string; token: string }[] = [];
  for (const [id, fields] of read) {
    const record = new Map<string, CurrentValue>();
    values.set(id, record);
    for (const [field, value] of fields) {
      record.set(field, { value });
      const stored = seen.stored?.(field);
      if (stored === undefined || value === null || typeof value === 'boolean' || value === '') continue;
      const token = String(value);
      kept.push({ record, field, token });
      items.push({ domain: stored.domain, token });
    }
  }
  if (items.length === 0) return values;
  const found = await vault.detokenize(items);
  kept.forEach(({ record, field, token }, index) => {
    const one = found[index];
    if (one !== undefined && 'value' in one) record.set(field, { value: one.value, token });
  });
  return values;
}
