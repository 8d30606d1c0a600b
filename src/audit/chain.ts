import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AuditEntry, AuditEvent, Command, Login, RecordReport } from '../model/audit-event.ts';

/** `prev` of the first event of a chain. */
export const GENESIS = '0'.repeat(64);

/** Where an event stands in the chain of its instance. */
export interface Place {
  readonly instance: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** `hash` of the event before it. */
  readonly prev: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
}

/** An event as it is kept and shipped: the text that was hashed, with the hash as its last member. */
export interface Sealed {
  readonly text: string;
  readonly hash: string;
}

/** `,"hash":"` + 64 hex digits + `"}` */
const SEAL_LENGTH = 75;
const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/;

/** Names every member of an event, so that one added to the model cannot be forgotten here. */
type Unsealed = { readonly [Name in Exclude<keyof AuditEvent, 'hash'>]-?: AuditEvent[Name] | undefined };

/**
 * The event with its keys in the order that RFC 8785 wants. JSON.stringify then writes the canonical form, about twice as fast as
 * sorting a stranger's keys; a property test holds it against the package `canonicalize`.
 */
function inCanonicalOrder(entry: AuditEntry, place: Place): Unsealed {
  const { operation, principal, records, request, response, upstream } = entry;
  return {
    command: entry.command && commandInOrder(entry.command),
    dataSubjects: entry.dataSubjects,
    decision: entry.decision,
    fields: entry.fields?.map(({ count, field, object, policies, treatment }) => ({
      count,
      field,
      object,
      ...(policies === undefined ? {} : { policies }),
      treatment,
    })),
    id: `${place.instance}-${place.seq}`,
    instance: place.instance,
    login: entry.login && inOrder(entry.login),
    mode: entry.mode,
    omissions: entry.omissions?.map(recordInOrder),
    operation: operation && { kind: operation.kind, objects: operation.objects },
    outcome: entry.outcome,
    phase: entry.phase,
    policies: entry.policies,
    policySet: entry.policySet,
    prev: place.prev,
    principal: principal && {
      id: principal.id,
      purposes: principal.purposes,
      roles: principal.roles,
      via: principal.via,
    },
    reason: entry.reason,
    records: records && {
      ...(records.counted === undefined ? {} : { counted: records.counted }),
      omitted: records.omitted,
      seen: records.seen,
    },
    request: request && {
      id: request.id,
      method: request.method,
      route: request.route,
      upstream: request.upstream,
    },
    response: response && { bytes: response.bytes, status: response.status },
    seq: place.seq,
    time: place.time,
    unmet: entry.unmet?.map(recordInOrder),
    upstream: upstream && { ms: upstream.ms, status: upstream.status },
    v: 1,
  };
}

function commandInOrder({ account, counts, files, host, name }: Command): Command {
  return {
    account,
    ...(counts === undefined
      ? {}
      : { counts: Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(files === undefined ? {} : { files }),
    host,
    name,
  };
}

function recordInOrder({ count, object, policy, reason }: RecordReport): RecordReport {
  return { count, object, policy, reason };
}

function inOrder({ address, because, count, name, outcome, via, what }: Login): Login {
  return {
    ...(address === undefined ? {} : { address }),
    ...(because === undefined ? {} : { because }),
    count,
    ...(name === undefined ? {} : { name }),
    outcome,
    ...(via === undefined ? {} : { via }),
    ...(what === undefined ? {} : { what }),
  };
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/**
 * The canonical form (RFC 8785) of an event without its `hash`.
 * A lone surrogate, which RFC 8785 forbids and a hostile JWT can hold, becomes U+FFFD.
 */
export function canonicalForm(entry: AuditEntry, place: Place): string {
  const event = inCanonicalOrder(entry, place);
  const text = JSON.stringify(event);
  return text.includes('\\ud') ? JSON.stringify(event, wellFormed) : text;
}

/** Gives an entry its place in the chain. The id follows from instance and seq, so no id ever names two contents. */
export function seal(entry: AuditEntry, place: Place): Sealed {
  const body = canonicalForm(entry, place);
  const digest = hash('sha256', body);
  return { text: `${body.slice(0, -1)},"hash":"${digest}"}`, hash: digest };
}

/** The hash that a sealed text claims; '' when it claims none. */
export function claimedHash(text: string): string {
  return SEAL.exec(text.slice(-SEAL_LENGTH))?.[1] ?? '';
}

/**
 * Reads a sealed text back.
 *
 * @returns undefined when the text is not exactly what was sealed: another value, another spelling, a repeated name
 */
export function unseal(text: string): AuditEvent | undefined {
  const digest = claimedHash(text);
  const body = `${text.slice(0, -SEAL_LENGTH)}}`;
  if (digest === '' || hash('sha256', body) !== digest) return undefined;
  try {
    const event: unknown = JSON.parse(text);
    return isEvent(event) && canonicalize(JSON.parse(body)) === body ? event : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is AuditEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { instance, seq, prev, id } = value as Partial<Record<keyof AuditEvent, unknown>>;
  return (
    typeof instance === 'string' &&
    typeof prev === 'string' &&
    Number.isSafeInteger(seq) &&
    id === `${instance}-${String(seq)}`
  );
}
