import type { AuditEntry, AuditEvent, FieldReport, Login, RecordReport } from '../model/audit-event.ts';

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

/** The canonical form of one member; undefined: it is left out. */
type Write = (entry: AuditEntry, place: Place) => string | undefined;

/** Names every member of an event, so that one added to the model cannot be forgotten here. */
const MEMBERS: { readonly [Name in Exclude<keyof AuditEvent, 'hash'>]-?: Write } = {
  dataSubjects: ({ dataSubjects }) => dataSubjects && list(dataSubjects, string),
  decision: ({ decision }) => decision && `"${decision}"`,
  fields: ({ fields }) => fields && list(fields, field),
  id: (_, { instance, seq }) => string(`${instance}-${seq}`),
  instance: (_, { instance }) => string(instance),
  login: ({ login }) => login && json(loginInOrder(login)),
  mode: ({ mode }) => mode && `"${mode}"`,
  omissions: ({ omissions }) => omissions && json(omissions.map(recordInOrder)),
  operation: ({ operation }) => operation && operationText(operation),
  outcome: ({ outcome }) => outcome && `"${outcome}"`,
  phase: ({ phase }) => `"${phase}"`,
  policies: ({ policies }) => policies && strings(policies),
  policySet: ({ policySet }) => string(policySet),
  prev: (_, { prev }) => string(prev),
  principal: ({ principal }) => principal && principalText(principal),
  reason: ({ reason }) => (reason === undefined ? undefined : string(reason)),
  records: ({ records }) =>
    records &&
    `{${records.counted === undefined ? '' : `"counted":${records.counted},`}"omitted":${records.omitted},"seen":${records.seen}}`,
  request: ({ request }) =>
    request &&
    `{"id":${string(request.id)},"method":${string(request.method)},"route":${string(request.route)},"upstream":${string(request.upstream)}}`,
  response: ({ response }) => response && `{"bytes":${response.bytes},"status":${response.status}}`,
  seq: (_, { seq }) => `${seq}`,
  time: (_, { time }) => `"${time}"`,
  unmet: ({ unmet }) => unmet && json(unmet.map(recordInOrder)),
  upstream: ({ upstream }) => upstream && `{"ms":${upstream.ms},"status":${upstream.status}}`,
  v: () => '1',
};

/** By UTF-16 code units (RFC 8785 section 3.2.3), each with what stands before its value. */
const IN_ORDER = Object.entries(MEMBERS)
  .toSorted(([one], [other]) => (one < other ? -1 : 1))
  .map(([name, write]) => ({ before: `,"${name}":`, write }));

/**
 * The canonical form (RFC 8785) of an event without its `hash`. A lone surrogate, which RFC 8785 forbids and a hostile JWT can hold,
 * becomes U+FFFD. Texts are put together by hand and parts that come with event after event are kept, which takes a third of what
 * JSON.stringify takes; a property test holds it against the package `canonicalize`.
 */
export function canonicalForm(entry: AuditEntry, place: Place): string {
  let text = '';
  for (const { before, write } of IN_ORDER) {
    const value = write(entry, place);
    if (value !== undefined) text += before + value;
  }
  return `{${text.slice(1)}}`;
}

const PLAIN = /^[ !#-[\]-~]*$/;

function string(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text.toWellFormed());
}

function list<Item>(items: readonly Item[], write: (item: Item) => string): string {
  let text = '';
  for (const item of items) text += text === '' ? write(item) : `,${write(item)}`;
  return `[${text}]`;
}

/** Keeps a text as long as what it is of. Only for what does not belong to one event alone. */
function kept<Part extends object>(write: (part: Part) => string): (part: Part) => string {
  const texts = new WeakMap<Part, string>();
  return (part) => {
    let text = texts.get(part);
    if (text === undefined) {
      text = write(part);
      texts.set(part, text);
    }
    return text;
  };
}

const strings = kept((texts: readonly string[]) => list(texts, string));

const field = kept(({ count, field: name, object, policies, treatment }: FieldReport) => {
  const by = policies === undefined ? '' : `"policies":${strings(policies)},`;
  return `{"count":${count},"field":${string(name)},"object":${string(object)},${by}"treatment":${string(treatment)}}`;
});

const operationText = kept(
  ({ kind, objects }: NonNullable<AuditEntry['operation']>) =>
    `{"kind":"${kind}","objects":${list(objects, string)}}`,
);

const principalText = kept(
  ({ id, purposes, roles, via }: NonNullable<AuditEntry['principal']>) =>
    `{"id":${string(id)},"purposes":${list(purposes, string)},"roles":${list(roles, string)},"via":"${via}"}`,
);

/** What is seldom told. Its keys have the order that RFC 8785 wants. */
function json(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed() : part,
  );
}

function recordInOrder({ count, object, policy, reason }: RecordReport): RecordReport {
  return { count, object, policy, reason };
}

function loginInOrder({ address, because, count, name, outcome, via, what }: Login): Login {
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
