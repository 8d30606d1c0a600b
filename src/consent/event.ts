import { hash } from 'node:crypto';
import type { ConsentEvent } from '../model/consent.ts';
import type { Identifier } from './person/identifier.ts';
import { eventKey } from './places.ts';

/** A statement, without the person who made it. */
export type Statement = Omit<ConsentEvent, 'who'>;

/** An event as it is kept: of people, only their identifiers. */
export interface FiledEvent {
  readonly statement: Statement;
  /** At least one. */
  readonly identifiers: readonly [Identifier, ...Identifier[]];
  readonly key: string;
  readonly value: Buffer;
}

const DIGEST_LENGTH = 22;

/** The same event has the same key and value wherever it comes from: to write it again changes nothing. */
export function fileEvent(
  { purpose, state, at, source, basis, until }: Statement,
  identifiers: readonly [Identifier, ...Identifier[]],
): FiledEvent {
  const statement: Statement = {
    state,
    at,
    source,
    ...(purpose === undefined || isForAll(state) ? {} : { purpose }),
    ...(basis === undefined ? {} : { basis }),
    ...(until === undefined ? {} : { until }),
  };
  const text = JSON.stringify({ who: identifiers, ...statement });
  const digest = hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
  return { statement, identifiers, key: eventKey(identifiers[0], at, digest), value: Buffer.from(text) };
}

/** Restriction (GDPR Art. 18) is of a person's data, whatever it is used for. */
function isForAll(state: ConsentEvent['state']): boolean {
  return state === 'restricted' || state === 'restriction-ended';
}

/** The purposes to tell somebody's standing with: all that are declared, and all that they have spoken of. */
export function purposesToTell(
  said: readonly Pick<Statement, 'purpose'>[],
  declared: readonly string[] = [],
): readonly string[] {
  return [...new Set([...declared, ...said.flatMap(({ purpose }) => purpose ?? [])])].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
}

export function readStatement(value: Uint8Array): Statement {
  return readEvent(value).statement;
}

export function readEvent(value: Uint8Array): Pick<FiledEvent, 'statement' | 'identifiers'> {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  // Written by this registry alone.
  const { who, ...statement } = JSON.parse(text) as Statement & { readonly who: FiledEvent['identifiers'] };
  return { statement, identifiers: who };
}
