import type { CrmAdapter } from '../../crm/adapter.ts';
import { type MemoizedText, memoize, TextMemo } from '../../media/text-memo.ts';

type Addresses = CrmAdapter['addresses'];

/** Finds the pseudonyms of the people that records of one object are about; '' when a record does not tell who. */
export interface Pseudonyms {
  /** By the record's id. */
  readonly byId: MemoizedText;
  /** By the record's own URL or id, outside of its fields. */
  readonly bySelf: MemoizedText;
}

/** @param addresses those of the adapter: one object as long as it lives */
export type PseudonymsOf = (object: string, addresses: Addresses) => Pseudonyms;

/** Objects whose ways to pseudonyms are remembered: more than data maps name. */
const OBJECTS_MAX = 256;
const NO_ADDRESSES = {};

/**
 * An HMAC costs 1 to 2 µs and pages repeat their people, so pseudonyms are remembered by the bytes of ids and URLs.
 * @param pseudonym of a record's object and id
 * @param textsMax ids and URLs remembered
 */
export function createPseudonyms(
  pseudonym: (object: string, id: string) => string,
  textsMax: number,
): PseudonymsOf {
  const memo = new TextMemo<string>(textsMax);
  const known = new WeakMap<object, Map<string, Pseudonyms>>();

  function pseudonymsOf(object: string, addresses: Addresses): Pseudonyms {
    const ofId = (id: string): string => (id === '' ? '' : pseudonym(object, id));
    const byId = memoize(memo, ofId);
    if (addresses === undefined) return { byId, bySelf: byId };
    return { byId, bySelf: memoize(memo, (address) => ofId(addresses.read(address)?.id ?? '')) };
  }

  return (object, addresses) => {
    const owner = addresses ?? NO_ADDRESSES;
    let byObject = known.get(owner);
    if (byObject === undefined || byObject.size > OBJECTS_MAX) {
      byObject = new Map();
      known.set(owner, byObject);
    }
    let pseudonyms = byObject.get(object);
    if (pseudonyms === undefined) {
      pseudonyms = pseudonymsOf(object, addresses);
      byObject.set(object, pseudonyms);
    }
    return pseudonyms;
  };
}
