import type { Replacer } from '../adapter-code.ts';
import { isJsonObject } from '../json-body.ts';
import { type ComparedField, replaceInBody, replaceInPath } from '../substitution.ts';

/** Subscribers are named by the addresses of contacts. */
const ADDRESS: ComparedField = { objects: ['contacts'], field: 'email' };
/** Place of the address in `/communication-preferences/v4/statuses/{address}/unsubscribe-all`. */
const STATUSES_SEGMENT = 3;
/** Place of the address in `/communication-preferences/v3/status/email/{address}`. */
const STATUS_SEGMENT = 4;

/** Replaces the addresses of subscribers by the name of the operation. */
export const SUBSCRIBER_REPLACERS: Readonly<Record<string, Replacer>> = {
  unsubscribe: inMember('emailAddress'),
  'subscription-statuses': inPath(STATUS_SEGMENT),
  statuses: inPath(STATUSES_SEGMENT),
  'status-write': (operation, substitution) =>
    inMember('subscriberIdString')(inPath(STATUSES_SEGMENT)(operation, substitution), substitution),
  'unsubscribe-all': inPath(STATUSES_SEGMENT),
  'batch-statuses': inList,
  'batch-status-write': inList,
  'batch-unsubscribe-all': inList,
};

function inPath(index: number): Replacer {
  return (operation, substitution) => replaceInPath(operation, substitution, index, ADDRESS);
}

function inMember(name: string): Replacer {
  return (operation, substitution) =>
    replaceInBody(operation, substitution, (body) => {
      const address = body[name];
      return typeof address === 'string' ? { ...body, [name]: substitution.single(ADDRESS, address) } : body;
    });
}

/** Inputs are addresses, or changes of what an address is subscribed to: one for each token that stands for it. */
function inList(...[operation, substitution]: Parameters<Replacer>): ReturnType<Replacer> {
  const tokensOf = (address: unknown): readonly string[] | undefined =>
    typeof address === 'string' ? substitution.alternatives(ADDRESS, address) : undefined;
  return replaceInBody(operation, substitution, (body) => {
    const { inputs } = body;
    if (!Array.isArray(inputs)) return body;
    const replaced = inputs.flatMap((input: unknown): unknown[] => {
      if (!isJsonObject(input)) return [...(tokensOf(input) ?? [input])];
      const tokens = tokensOf(input['subscriberIdString']);
      return tokens?.map((token) => ({ ...input, subscriberIdString: token })) ?? [input];
    });
    return { ...body, inputs: replaced };
  });
}
