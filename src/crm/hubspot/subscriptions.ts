import type { FieldUse, Operation, Recipient } from '../../model/operation.ts';
import type { Recogniser, Recognition } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import {
  isJsonObject,
  type JsonObject,
  parseJsonObject,
  refuseBody,
  refuseUnknown,
  stringsIn,
} from '../json-body.ts';
import { addressesIn } from '../mail-addresses.ts';
import { asUpdate, named } from '../recipients.ts';
import { words } from '../words.ts';
import * as shapes from './shapes.ts';

const ROOT = '/communication-preferences/{version}';
const STATUS_STATES = new Set(['SUBSCRIBED', 'UNSUBSCRIBED', 'NOT_SPECIFIED']);
const SUBSCRIPTION_MEMBERS = new Set(words('emailAddress subscriptionId legalBasis legalBasisExplanation'));
const STATUS_MEMBERS = new Set(
  words('subscriberIdString subscriptionId statusState channel legalBasis legalBasisExplanation'),
);
const WRITTEN = { is: 'plain' } as const;
const OF_STATUSES = {
  channel: 'harmless',
  businessUnitId: 'harmless',
  verbose: 'harmless',
} as const;

/**
 * Prefix of the contact property in which HubSpot keeps that somebody has opted out of a subscription; the
 * subscription's id follows.
 * @see https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
 */
const OPTED_OUT = 'hs_email_optout_';

/** Statuses of subscriptions, by e-mail address. */
const STATUSES = 'communication_preferences';

/**
 * Subscriptions of people. Requests name people by their e-mail addresses.
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v3/guide
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export const SUBSCRIPTIONS: readonly OperationDescriptor[] = [
  {
    name: 'subscription-definitions',
    method: 'GET',
    paths: [`${ROOT}/definitions`],
    kind: 'metadata',
    parameters: { businessUnitId: 'harmless', includeTranslations: 'harmless' },
    answer: { format: 'plain' },
  },
  subscription('subscribe', '/subscribe', 'send'),
  subscription('unsubscribe', '/unsubscribe', 'update'),
  {
    name: 'subscription-statuses',
    method: 'GET',
    paths: [`${ROOT}/status/email/{email}`],
    kind: 'read',
    object: STATUSES,
    code: 'statusesOf',
    parameters: OF_STATUSES,
    answer: { format: 'json', root: shapes.SUBSCRIPTION_STATUS },
  },
  {
    name: 'statuses',
    method: 'GET',
    paths: [`${ROOT}/statuses/{email}`, `${ROOT}/statuses/{email}/unsubscribe-all`],
    kind: 'read',
    object: STATUSES,
    code: 'statusesOf',
    parameters: OF_STATUSES,
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
  {
    name: 'status-write',
    method: 'POST',
    paths: [`${ROOT}/statuses/{email}`],
    kind: 'send',
    object: STATUSES,
    body: WRITTEN,
    readsBody: true,
    code: 'statusWrite',
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
  {
    name: 'unsubscribe-all',
    method: 'POST',
    paths: [`${ROOT}/statuses/{email}/unsubscribe-all`],
    kind: 'update',
    object: STATUSES,
    parameters: OF_STATUSES,
    code: 'unsubscribeOne',
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
  {
    name: 'batch-statuses',
    method: 'POST',
    paths: [`${ROOT}/statuses/batch/read`, `${ROOT}/statuses/batch/unsubscribe-all/read`],
    kind: 'read',
    object: STATUSES,
    parameters: OF_STATUSES,
    body: WRITTEN,
    readsBody: true,
    code: 'statusesOfMany',
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
  {
    name: 'batch-status-write',
    method: 'POST',
    paths: [`${ROOT}/statuses/batch/write`],
    kind: 'send',
    object: STATUSES,
    body: WRITTEN,
    readsBody: true,
    code: 'batchStatusWrite',
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
  {
    name: 'batch-unsubscribe-all',
    method: 'POST',
    paths: [`${ROOT}/statuses/batch/unsubscribe-all`],
    kind: 'update',
    object: STATUSES,
    parameters: OF_STATUSES,
    body: WRITTEN,
    readsBody: true,
    code: 'unsubscribeMany',
    answer: { format: 'json', root: shapes.SUBSCRIBER_STATUSES },
  },
];

function subscription(
  name: 'subscribe' | 'unsubscribe',
  path: string,
  kind: 'send' | 'update',
): OperationDescriptor {
  return {
    name,
    method: 'POST',
    paths: [ROOT + path],
    kind,
    object: STATUSES,
    body: WRITTEN,
    readsBody: true,
    code: name,
    answer: { format: 'json', root: shapes.SUBSCRIPTION_STATUS },
  };
}

/** By the code of the operation. */
export const SUBSCRIPTION_RECOGNISERS: Readonly<Record<string, Recogniser>> = {
  statusesOf: ({ captures, operation }) => looked(operation, [captures.get('email')]),
  statusesOfMany: ({ request, operation }) =>
    looked(operation, stringsIn(inputsIn(request.body), 'inputs') ?? []),
  subscribe: (recognition) => reaching(recognition.operation, [subscriptionIn(recognition).subscriber]),
  unsubscribe: (recognition) => withdrawing(recognition.operation, [subscriptionIn(recognition)]),
  statusWrite: ({ request, captures, operation }) => {
    const address = captures.get('email');
    const status = statusIn(parseJsonObject(request.body));
    // The body may not name somebody other than the path does.
    if (status.subscriber !== undefined && status.subscriber !== address)
      refuseBody('it names another subscriber.');
    return writing(operation, [{ ...status, subscriber: address }]);
  },
  batchStatusWrite: ({ request, operation }) => {
    const { inputs } = inputsIn(request.body);
    if (!Array.isArray(inputs) || !inputs.every(isJsonObject))
      return refuseBody('"inputs" is not a list of objects.');
    return writing(operation, inputs.map(statusIn));
  },
  unsubscribeOne: ({ captures, operation }) =>
    withdrawing(operation, [{ subscriber: captures.get('email') }]),
  unsubscribeMany: ({ request, operation }) =>
    withdrawing(
      operation,
      (stringsIn(inputsIn(request.body), 'inputs') ?? []).map((subscriber) => ({ subscriber })),
    ),
};

interface Subscription {
  readonly subscriber: unknown;
  /** The subscription's id; undefined: all of them. */
  readonly subscription?: unknown;
}

interface StatusChange extends Subscription {
  readonly state: unknown;
}

function inputsIn(body: Buffer | undefined): JsonObject {
  const parsed = parseJsonObject(body);
  if (Object.keys(parsed).some((name) => name !== 'inputs'))
    refuseBody('it has other members than "inputs".');
  return parsed;
}

function subscriptionIn({ request }: Recognition): Subscription {
  const body = parseJsonObject(request.body);
  refuseUnknown(body, SUBSCRIPTION_MEMBERS, 'it');
  return { subscriber: body['emailAddress'], subscription: body['subscriptionId'] };
}

function statusIn(change: JsonObject): StatusChange {
  refuseUnknown(change, STATUS_MEMBERS, 'a status');
  const state = change['statusState'];
  if (typeof state !== 'string' || !STATUS_STATES.has(state))
    return refuseBody('"statusState" is not a known state.');
  return { subscriber: change['subscriberIdString'], subscription: change['subscriptionId'], state };
}

/** Every change that does not unsubscribe allows mail to the person: `NOT_SPECIFIED` takes a refusal back. */
function writing(operation: Operation, changes: readonly StatusChange[]): Operation {
  const subscribed = changes
    .filter(({ state }) => state !== 'UNSUBSCRIBED')
    .map(({ subscriber }) => subscriber);
  const unsubscribed = changes.filter(({ state }) => state === 'UNSUBSCRIBED');
  if (subscribed.length === 0) return withdrawing(asUpdate(operation), unsubscribed);
  const reached = reaching(operation, subscribed);
  return unsubscribed.length === 0 ? reached : withdrawing(reached, unsubscribed);
}

function reaching(operation: Operation, subscribers: readonly unknown[]): Operation {
  const recipients = subscribers.map((one): Recipient => ({ email: addressOf(one) }));
  return {
    ...operation,
    objects: [STATUSES, 'contacts'],
    otherKinds: ['update'],
    recipients: { ...named(recipients), isMarketing: true },
  };
}

/** Taking somebody out reaches nobody. */
function withdrawing(operation: Operation, subscriptions: readonly Subscription[]): Operation {
  const withdrawn = subscriptions.map(({ subscriber, subscription }) => {
    const recipient = { email: addressOf(subscriber) };
    const isOne = typeof subscription === 'string' || typeof subscription === 'number';
    return isOne ? { recipient, field: `${OPTED_OUT}${subscription}` } : { recipient };
  });
  return { ...operation, objects: [STATUSES, 'contacts'], withdrawn };
}

function addressOf(subscriber: unknown): string {
  const [address, ...more] = addressesIn(subscriber);
  return address === undefined || more.length > 0 || address !== subscriber
    ? refuseBody('a subscriber is not one e-mail address.')
    : address;
}

/** Statuses are looked up by address, so the answer tells whether the address is known. */
function looked(operation: Operation, addresses: readonly unknown[]): Operation {
  const equals = addresses.map(addressOf);
  const uses = [
    { object: 'contacts', field: 'email', position: 'lookup', equals },
    { object: STATUSES, field: '*', position: 'select' },
  ] satisfies FieldUse[];
  return { ...operation, objects: [STATUSES, 'contacts'], uses };
}
