import { type EventReading, readWho, type WrittenEvent } from '../written/written-event.ts';
import type { UnsubscribeConfig } from './config.ts';
import type { UnsubscribeTokens } from './link.ts';

/** Where the links lead, below `unsubscribe.publicUrl`. */
export const UNSUBSCRIBE_PATH = '/.privet/unsubscribe/';

/** A link, and the headers of the letter that it goes with (RFC 2369, RFC 8058); or what is wrong with the order. */
export type MadeLink =
  | {
      readonly url: string;
      readonly expires: string;
      readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
    }
  | { readonly problems: readonly string[] };

export interface UnsubscribeLinks {
  readonly make: (
    ordered: { readonly written: WrittenEvent } | { readonly problems: readonly string[] },
    reading: EventReading,
  ) => MadeLink;
}

const DAY_MS = 86_400_000;

export function createUnsubscribeLinks(
  { publicUrl, purposes, validDays }: UnsubscribeConfig,
  tokens: UnsubscribeTokens,
): UnsubscribeLinks {
  const base = publicUrl.replace(/\/+$/, '');
  return {
    make: (ordered, reading) => {
      if ('problems' in ordered) return ordered;
      const { purpose, state = 'withdrawn', at, source, basis, until } = ordered.written;
      const problems: string[] = [];
      if ([at, source, basis, until].some((field) => field !== undefined))
        problems.push('found a member of another name, expected id, email, phone, purpose and state');
      if (purpose === undefined || !Object.hasOwn(purposes, purpose))
        problems.push(`found no such purpose, expected one of ${Object.keys(purposes).join(', ')}`);
      if (state !== 'withdrawn' && state !== 'objected')
        problems.push('found another state, expected withdrawn or objected');
      const read = readWho(ordered.written, reading);
      if ('problems' in read) problems.push(...read.problems);
      if ('problems' in read || purpose === undefined || problems.length > 0) return { problems };
      const expires = reading.clock() + validDays * DAY_MS;
      const link = {
        who: read.who,
        purpose,
        state: state === 'objected' ? state : 'withdrawn',
        expires,
      } as const;
      const url = `${base}${UNSUBSCRIBE_PATH}${tokens.seal(link)}`;
      return {
        url,
        expires: new Date(expires).toISOString(),
        headers: { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
      };
    },
  };
}
