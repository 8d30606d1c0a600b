import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer } from '../wire/message.ts';
import { invalid, noSuchRoute } from './errors.ts';
import { bodyOf, textList } from './object-routes.ts';
import type { Call, Portal } from './portal.ts';
import { typeSchema } from './schema.ts';

interface SubscriptionType {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

type State = 'SUBSCRIBED' | 'UNSUBSCRIBED' | 'NOT_SPECIFIED';

interface Status {
  readonly state: State;
  readonly legalBasis: string | null;
  readonly explanation: string | null;
  readonly at: number;
}

const TYPES: readonly SubscriptionType[] = [
  { id: '501', name: 'Newsletter', description: 'News once a month' },
  { id: '502', name: 'Offers', description: 'Offers for customers' },
];
const STATES: readonly string[] = ['SUBSCRIBED', 'UNSUBSCRIBED', 'NOT_SPECIFIED'];

const isState = (state: string): state is State => STATES.includes(state);

/** Statuses by address and type; before anything is written, what the contact's own opt-out says. */
function statusBook(portal: Portal) {
  const written = new Map<string, Status>();
  const key = (email: string, id: string): string => `${email.toLowerCase()} ${id}`;
  const ofContact = (email: string): State => {
    const schema = typeSchema('contacts');
    const contact = schema && portal.store.find(schema, email, 'email');
    return contact?.properties['hs_email_optout'] === 'true' ? 'UNSUBSCRIBED' : 'NOT_SPECIFIED';
  };
  return {
    of: (email: string, { id }: SubscriptionType): Status =>
      written.get(key(email, id)) ?? { state: ofContact(email), legalBasis: null, explanation: null, at: 0 },
    set: (email: string, { id }: SubscriptionType, status: Status): void => {
      written.set(key(email, id), status);
    },
  };
}

type StatusBook = ReturnType<typeof statusBook>;

function typeOf(id: Json | undefined): SubscriptionType {
  const type = TYPES.find((one) => one.id === textOf(id));
  if (type === undefined) throw invalid(`Subscription ${textOf(id)} does not exist`);
  return type;
}

function addressIn(value: Json | undefined): string {
  const email = textOf(value);
  // The vendor repeats the address; so does the sandbox, for it is a place where values leak.
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw invalid(`Invalid email address: ${email}`);
  return email;
}

/** As version 3 shows a status: without the address. */
function v3Json(type: SubscriptionType, status: Status): Json {
  return {
    ...type,
    status: status.state === 'SUBSCRIBED' ? 'SUBSCRIBED' : 'NOT_SUBSCRIBED',
    sourceOfStatus: 'SUBSCRIPTION_STATUS',
    brandId: null,
    preferenceGroupName: null,
    legalBasis: status.legalBasis,
    legalBasisExplanation: status.explanation,
  };
}

/** As version 4 shows it: with the address. */
function v4Json(email: string, type: SubscriptionType, status: Status): Json {
  return {
    channel: 'EMAIL',
    subscriberIdString: email,
    subscriptionId: Number(type.id),
    subscriptionName: type.name,
    status: status.state,
    source: 'API',
    legalBasis: status.legalBasis,
    legalBasisExplanation: status.explanation,
    timestamp: new Date(status.at).toISOString(),
  };
}

function complete(portal: Portal, results: readonly Json[]): SandboxAnswer {
  const at = new Date(portal.now()).toISOString();
  return jsonAnswer(200, { status: 'COMPLETE', results, startedAt: at, completedAt: at });
}

function change(
  portal: Portal,
  book: StatusBook,
  email: string,
  body: { readonly [name: string]: Json },
  state: State,
) {
  const type = typeOf(body['subscriptionId']);
  const status = {
    state,
    legalBasis: textOf(body['legalBasis']) || null,
    explanation: textOf(body['legalBasisExplanation']) || null,
    at: portal.now(),
  };
  book.set(email, type, status);
  return { type, status };
}

function stateIn(body: { readonly [name: string]: Json }): State {
  const state = textOf(body['statusState']);
  if (!isState(state)) throw invalid('statusState is not valid');
  return state;
}

function unsubscribe(portal: Portal, book: StatusBook, email: string): Json[] {
  return TYPES.map((type) => {
    const status = { state: 'UNSUBSCRIBED', legalBasis: null, explanation: null, at: portal.now() } as const;
    book.set(email, type, status);
    return v4Json(email, type, status);
  });
}

/** Whether an address is out of everything, as an empty list when it is not. */
function wideStatuses(portal: Portal, book: StatusBook, email: string): Json[] {
  if (TYPES.some((type) => book.of(email, type).state !== 'UNSUBSCRIBED')) return [];
  return [
    {
      channel: 'EMAIL',
      subscriberIdString: email,
      status: 'UNSUBSCRIBED',
      wideStatusType: 'PORTAL_WIDE',
      timestamp: new Date(portal.now()).toISOString(),
    },
  ];
}

/** `/communication-preferences/…`, in versions 3 and 4 and dated ones. */
export function portalSubscriptions(portal: Portal): (call: Call) => SandboxAnswer {
  const book = statusBook(portal);
  const all = (email: string): Json[] => TYPES.map((type) => v4Json(email, type, book.of(email, type)));

  const batch = (call: Call): SandboxAnswer => {
    const { inputs } = bodyOf(call);
    const addresses = textList(inputs).map(addressIn);
    switch (call.rest.slice(2).join('/')) {
      case 'read':
        return complete(
          portal,
          addresses.map((email) => ({ subscriberIdString: email, statuses: all(email) })),
        );
      case 'unsubscribe-all':
        return complete(
          portal,
          addresses.map((email) => ({
            subscriberIdString: email,
            statuses: unsubscribe(portal, book, email),
          })),
        );
      case 'unsubscribe-all/read':
        return complete(
          portal,
          addresses.map((email) => ({
            subscriberIdString: email,
            wideStatuses: wideStatuses(portal, book, email),
          })),
        );
      case 'write': {
        const changes = Array.isArray(inputs) ? inputs.filter(isJsonObject) : [];
        return complete(
          portal,
          changes.map((one) => {
            const email = addressIn(one['subscriberIdString']);
            const { type, status } = change(portal, book, email, one, stateIn(one));
            return v4Json(email, type, status);
          }),
        );
      }
      default:
        throw noSuchRoute();
    }
  };
  const ofOne = (call: Call, email: string): SandboxAnswer => {
    const isRead = call.request.method === 'GET';
    if (call.rest[2] === 'unsubscribe-all')
      return complete(portal, isRead ? wideStatuses(portal, book, email) : unsubscribe(portal, book, email));
    if (isRead) return complete(portal, all(email));
    const body = bodyOf(call);
    const { type, status } = change(portal, book, email, body, stateIn(body));
    return complete(portal, [v4Json(email, type, status)]);
  };
  return (call) => {
    const [area, second, third] = call.rest;
    switch (area) {
      case 'definitions':
        return jsonAnswer(200, {
          subscriptionDefinitions: TYPES.map((type) => ({ ...type, isActive: true })),
        });
      case 'subscribe':
      case 'unsubscribe': {
        const body = bodyOf(call);
        const state = area === 'subscribe' ? 'SUBSCRIBED' : 'UNSUBSCRIBED';
        const { type, status } = change(portal, book, addressIn(body['emailAddress']), body, state);
        return jsonAnswer(200, v3Json(type, status));
      }
      case 'status': {
        const recipient = addressIn(third);
        const subscriptionStatuses = TYPES.map((type) => v3Json(type, book.of(recipient, type)));
        return jsonAnswer(200, { recipient, subscriptionStatuses });
      }
      case 'statuses':
        return second === 'batch' ? batch(call) : ofOne(call, addressIn(second));
      default:
        throw noSuchRoute();
    }
  };
}
