import { type DataSubjectRef, holderOf } from './holder.ts';
import type { Keyring } from './keyring.ts';
import { recordId } from './places.ts';
import { formatOf, type TokenSpec } from './record.ts';
import { looksLikeToken, type TokenFormat } from './token.ts';
import { indexKeysOf } from './value-index.ts';

/** A value to be replaced by a token. */
export interface TokenizeItem {
  /** Equal values of one domain have equal tokens. A token is known in its own domain only. */
  readonly domain: string;
  /** Not empty. A token of this domain is taken as it is. */
  readonly value: string;
  readonly as: TokenSpec;
  readonly dataSubject: DataSubjectRef;
  /**
   * True where the writer is shown tokens in this field and may send one back. Tokens that carry a mark are recognised anyway; among those of
   * other formats only the vault knows, and a writer who is shown clear values never sends any.
   */
  readonly mayBeToken?: boolean;
  /** True where the CRM finds its record by the value, in whatever case: the token of another spelling is taken where there is one. */
  readonly anySpelling?: boolean;
}

/** Everything in a batch that gets the same token: decided and written as one. */
export interface TokenGroup {
  readonly domain: string;
  readonly value: string;
  readonly kind: TokenSpec['kind'];
  readonly format: TokenFormat;
  readonly holders: readonly string[];
  /** Where in the batch. */
  readonly places: readonly { readonly index: number; readonly holder: string }[];
  /** True when it can only be meant as a token. */
  readonly isMarked: boolean;
  /** The record it names, should it be a token. */
  readonly asToken: string | undefined;
  /** Where its value is looked for; none for random tokens. */
  readonly indexKeys: readonly string[];
}

export function groupItems(keyring: Keyring, items: readonly TokenizeItem[]): readonly TokenGroup[] {
  const groups = new Map<string, { index: number; holder: string; item: TokenizeItem }[]>();
  for (const [index, item] of items.entries()) {
    const { domain, value, as } = item;
    const isMarked = looksLikeToken(value, formatOf(as));
    // Two equal values have two random tokens; one random token that comes back twice is still one.
    const own = as.kind === 'random' && !isMarked ? index : item.mayBeToken === true;
    const name = JSON.stringify([domain, as.kind, formatOf(as), value, own]);
    const place = { index, holder: holderOf(keyring, item.dataSubject), item };
    const places = groups.get(name);
    if (places === undefined) groups.set(name, [place]);
    else places.push(place);
  }
  return Array.from(groups.values(), (places) => groupOf(keyring, places));
}

function groupOf(
  keyring: Keyring,
  places: { index: number; holder: string; item: TokenizeItem }[],
): TokenGroup {
  const [{ item }] = places as [(typeof places)[number]];
  const { domain, value, as } = item;
  const format = formatOf(as);
  const isMarked = looksLikeToken(value, format);
  return {
    domain,
    value,
    kind: as.kind,
    format,
    holders: [...new Set(places.map(({ holder }) => holder))],
    places: places.map(({ index, holder }) => ({ index, holder })),
    isMarked,
    asToken: isMarked || item.mayBeToken === true ? recordId(domain, value) : undefined,
    indexKeys: as.kind === 'random' || isMarked ? [] : indexKeysOf(keyring, { domain, format, value }),
  };
}
