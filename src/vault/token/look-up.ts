import { PrivetError } from '../../errors.ts';
import { inTurns, type VaultReading } from '../context.ts';
import { lastSegment, recordKey } from '../places.ts';
import { decodeRecord, formatOf, type TokenSpec } from './record.ts';
import { folded, indexKeysOf, spellingRangesOf, type ValueName } from './value-index.ts';

export interface LookUpItem {
  readonly domain: string;
  readonly value: string;
  readonly as: TokenSpec;
  /** True for what the CRM compares without regard to case: the tokens of all spellings. */
  readonly anySpelling?: boolean;
}

/** More would make a query that the CRM does not take, and nobody has so many. */
const SPELLINGS_MAX = 100;

/**
 * The tokens that stand for a value in the CRM, so that a condition on equality can be asked by token: none when the
 * value was never tokenized, and always none for random tokens. The spelling asked for comes first. Looks under every
 * key version and makes nothing.
 * @throws PrivetError VAULT_UNAVAILABLE when a value has too many spellings; the store's own errors
 */
export async function lookUp(
  context: VaultReading,
  items: readonly LookUpItem[],
): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for (const turn of inTurns(items, context.limits.vaultBatchMax))
    found.push(...(await lookUpTurn(context, turn)));
  return found;
}

async function lookUpTurn(
  context: VaultReading,
  items: readonly LookUpItem[],
): Promise<readonly (readonly string[])[]> {
  const { store, keyring } = context;
  const names = items.map(namesOf);
  const [exact, others] = await Promise.all([
    store.getMany(names.flat().flatMap((name) => indexKeysOf(keyring, name))),
    Promise.all(items.map((item, index) => otherSpellings(context, item, names[index]?.at(-1)))),
  ]);
  let next = 0;
  const ids = names.map((own, index) => {
    const entries = own.flatMap(() => keyring.versions.map(() => exact[next++]));
    const direct = entries.flatMap((entry) => (entry === undefined ? [] : [Buffer.from(entry).toString()]));
    return [...new Set([...direct, ...(others[index] ?? [])])];
  });
  const records = (await store.getMany(ids.flat().map(recordKey))).map(
    (bytes) => bytes && decodeRecord(bytes),
  );
  next = 0;
  return ids.map((own) => own.flatMap(() => records[next++]?.token ?? []));
}

/** The value, and where any spelling counts its folded form last. */
function namesOf({ domain, value, as, anySpelling }: LookUpItem): readonly ValueName[] {
  if (as.kind === 'random') return [];
  const name = { domain, format: formatOf(as), value };
  const form = anySpelling === true ? folded(value) : value;
  return form === value ? [name] : [name, { ...name, value: form }];
}

async function otherSpellings(
  { store, keyring }: VaultReading,
  { anySpelling }: LookUpItem,
  form: ValueName | undefined,
): Promise<readonly string[]> {
  if (anySpelling !== true || form === undefined) return [];
  const pages = await Promise.all(
    spellingRangesOf(keyring, form).map((range) => store.page(range, SPELLINGS_MAX + 1)),
  );
  if (pages.some(({ length }) => length > SPELLINGS_MAX)) {
    throw new PrivetError('VAULT_UNAVAILABLE', 'A value has more spellings than can be asked for.');
  }
  return pages.flat().map(({ key }) => lastSegment(key));
}
