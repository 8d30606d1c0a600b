import { hash } from 'node:crypto';
import type { Limits } from '../../limits.ts';
import type { Operation } from '../../model/operation.ts';
import { queryParameter } from '../../model/request.ts';
import type { Narrowed, Narrowing } from '../adapter.ts';
import type { Recognition, Replacer } from '../adapter-code.ts';
import { withFirstOfLists } from '../dialects/soql/lexemes.ts';
import { refuseSoql } from '../dialects/soql/parse.ts';
import { createSoqlReader, type ParsedSoql } from '../dialects/soql/reader.ts';
import { isJsonObject } from '../json-body.ts';
import { withParameter, withSegment } from '../request-edit.ts';
import { unnarrowed } from '../select-parameter.ts';
import type { Substitution } from '../substitution.ts';
import { SALESFORCE_SCHEMA } from './objects.ts';

/** What a follow-up page needs to know: the query as the client wrote it, and which one was sent. */
export interface QueryMemory {
  /** In follow-ups, of every list of values only the first: a job's id with thousands of them would fit in no URL. */
  readonly soql: string;
  /** Digest of the query that was sent instead. */
  readonly sent?: string;
}

/** The members of an operation that follow from a query. */
export type QueryFacts = Pick<Operation, 'objects' | 'uses' | 'aggregates' | 'continuation'>;

/** A query that a request asks; follow-ups have none, because theirs has been sent before. */
export interface AskedQuery {
  readonly soql: string;
  /** Puts the narrowed query in its place. */
  readonly send: (soql: string) => Operation['request'];
}

/** SOQL in operations: what a query says, and how it is narrowed. */
export interface SalesforceQueries {
  readonly read: (soql: string) => ParsedSoql;
  readonly facts: (memory: QueryMemory) => QueryFacts;
  readonly narrow: (operation: Operation, narrowing: Narrowing, asked?: AskedQuery) => Narrowed;
  readonly recognise: (recognition: Recognition) => Operation | undefined;
  readonly recogniseMore: (recognition: Recognition) => Operation | undefined;
  readonly narrowQuery: (operation: Operation, narrowing: Narrowing) => Narrowed;
  readonly replace: (soql: string, substitution: Substitution) => string;
  /**
   * Replaces the values in the query of a parameter. `continuation` still remembers the query as the client wrote it.
   */
  readonly replaceParameter: (name: string) => Replacer;
}

export function createQueries(limits: Limits): SalesforceQueries {
  const reader = createSoqlReader(SALESFORCE_SCHEMA, limits);
  const { read } = reader;

  function facts(memory: QueryMemory): QueryFacts {
    const { objects, uses, aggregates } = read(memory.soql).reading;
    const kept = { ...memory, soql: withFirstOfLists(memory.soql) };
    return { objects, uses, aggregates, continuation: JSON.stringify(kept) };
  }

  function narrow(operation: Operation, narrowing: Narrowing, asked?: AskedQuery): Narrowed {
    const memory = queryMemory(operation.continuation);
    if (memory === undefined) return unnarrowed(operation, narrowing);
    const adding = { addFields: narrowing.fields, where: narrowing.rows };
    const kept = reader.narrow(memory.soql, adding);
    const sent = kept.text === memory.soql ? undefined : digest(kept.text);
    if (asked === undefined) {
      const { added, rowsPushed } = kept;
      // The pages belong to the query that was sent then, perhaps under another policy.
      return { operation, added, rowsPushed: sent === memory.sent ? rowsPushed : narrowing.rows.size === 0 };
    }
    const { text, added, rowsPushed } = reader.narrow(asked.soql, adding);
    if (text === asked.soql) return { operation, added, rowsPushed };
    const continuation = JSON.stringify({ soql: memory.soql, ...(sent !== undefined && { sent }) });
    return { operation: { ...operation, request: asked.send(text), continuation }, added, rowsPushed };
  }

  function recognise({ request, operation }: Recognition): Operation | undefined {
    const soql = queryParameter(request, 'q');
    const explained = queryParameter(request, 'explain');
    if ((soql === undefined) === (explained === undefined)) return undefined;
    if (soql !== undefined) return { ...operation, ...facts({ soql }) };
    return explanation(operation, explained ?? '');
  }

  /** A query plan tells numbers of records, so it is an oracle like COUNT. */
  function explanation(operation: Operation, soql: string): Operation {
    const { objects, uses } = facts({ soql });
    const { error } = operation.answer;
    return {
      ...operation,
      route: 'explain',
      objects,
      uses,
      aggregates: true,
      answer: { format: 'plain', error },
    };
  }

  function recogniseMore({ request, captures, open, operation }: Recognition): Operation {
    const opened = open(captures.get('locator') ?? '');
    const memory = queryMemory(opened?.continuation);
    if (opened === undefined || memory === undefined) return unknownRecords(operation);
    return {
      ...operation,
      ...facts(memory),
      request: withSegment(request, request.segments.length - 1, opened.locator),
    };
  }

  return {
    read,
    facts,
    narrow,
    recognise,
    recogniseMore,
    replace: reader.replace,
    replaceParameter: (name) => (operation, substitution) => {
      const { request } = operation;
      const soql = reader.replace(queryParameter(request, name) ?? '', substitution);
      return { ...operation, request: withParameter(request, name, soql) };
    },
    narrowQuery: (operation, narrowing) => {
      const { request } = operation;
      const soql = queryParameter(request, 'q') ?? '';
      return narrow(operation, narrowing, { soql, send: (sent) => withParameter(request, 'q', sent) });
    },
  };
}

/** An operation on unknown records: its locator was not sealed by Privet. */
export function unknownRecords(operation: Operation): Operation {
  return {
    ...operation,
    objects: ['*'],
    uses: [{ object: '*', field: '*', position: 'select' }],
    needsClearView: true,
  };
}

/** What `continuation` remembers; undefined when it is no query. */
export function queryMemory(continuation: string | undefined): QueryMemory | undefined {
  if (continuation === undefined) return undefined;
  const memory: unknown = JSON.parse(continuation);
  if (!isJsonObject(memory) || typeof memory['soql'] !== 'string') return undefined;
  return { soql: memory['soql'], ...(typeof memory['sent'] === 'string' && { sent: memory['sent'] }) };
}

/** A string member that must hold a query. */
export function queryText(value: unknown): string {
  return typeof value === 'string' ? value : refuseSoql('the query is not a text.');
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
