import type { CsvBody, FieldUse, NamedRecord, Recipient } from '../../model/operation.ts';
import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { isJsonObject, type JsonObject, parseJsonObject, refuseBody } from '../json-body.ts';
import { addressesIn } from '../mail-addresses.ts';
import { named, objectsOfRecipients, type Recipients, together, UNTOLD } from '../recipients.ts';
import { words } from '../words.ts';
import { isRecordId, longId, SHORT_LENGTH } from './id.ts';
import { objectOfId } from './key-prefix.ts';
import * as shapes from './shapes.ts';

const ACTIONS = '/services/data/{version}/actions';

/**
 * The standard action that sends mail, and descriptions of actions. Other actions may do anything, so they are unknown.
 */
export const SENDS: readonly OperationDescriptor[] = [
  ...(
    [
      ['actions', ''],
      ['standard-actions', '/standard'],
      ['standard-action', '/standard/{action}'],
    ] as const
  ).map(
    ([name, path]): OperationDescriptor => ({
      name,
      method: 'GET',
      paths: [`${ACTIONS}${path}`],
      kind: 'metadata',
      answer: { format: 'plain' },
    }),
  ),
  {
    name: 'email',
    method: 'POST',
    paths: [`${ACTIONS}/standard/emailSimple`],
    kind: 'send',
    body: { is: 'plain' },
    readsBody: true,
    code: 'email',
    answer: { format: 'json', root: shapes.ACTION_RESULTS },
  },
];

/**
 * Inputs that name recipients, by every name they have had: lists in a text, and collections.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_action.meta/api_action/actions_obj_email_simple.htm
 */
const ADDRESS_INPUTS = words(`
  emailAddresses emailAddressesArray recipientAddresses
  ccRecipientAddressList ccRecipientAddressCollection ccAddresses
  bccRecipientAddressList bccRecipientAddressCollection bccAddresses
`);
/** Inputs that carry files, by their ids. */
const FILE_INPUTS = words('attachmentId attachmentIdCollection');
const OTHER_INPUTS = words(`
  recipientId emailBody emailSubject emailTemplateId senderAddress senderType sendRichBody useLineBreaks logEmailOnSend
  relatedRecordId addThreadingTokenToBody addThreadingTokenToSubject
`);
const INPUTS = new Set([...ADDRESS_INPUTS, ...FILE_INPUTS, ...OTHER_INPUTS]);

/** An address may belong to a record of any of these objects. */
const PEOPLE = ['Contact', 'Lead'];

export const recogniseEmail: Recogniser = ({ request, operation }) => {
  const { inputs, ...others } = parseJsonObject(request.body);
  if (Object.keys(others).length > 0) refuseBody('it has other members than "inputs".');
  if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every(isJsonObject)) {
    return refuseBody('"inputs" is not a list of objects.');
  }
  const recipients = together(inputs.map(recipientsOfMail)) ?? UNTOLD;
  const files = inputs.flatMap(filesOfMail);
  return {
    ...operation,
    objects: [...new Set(['EmailMessage', ...PEOPLE, ...objectsReached(recipients)])],
    uses: files.length === 0 ? [] : FILE_USES,
    ...(files.length === 0 ? {} : { tellsOf: files }),
    recipients,
    ...(inputs.some(tellsOfRecords) && { needsClearView: true as const }),
  };
};

/** A mail that names nobody goes to the people that its template or record leads to. */
function recipientsOfMail(input: JsonObject): Recipients {
  if (Object.keys(input).some((name) => !INPUTS.has(name))) refuseBody('an input is not known.');
  const addresses = ADDRESS_INPUTS.flatMap((name) => addressesIn(input[name]));
  const people = [...addresses.map((email): Recipient => ({ email })), ...recordsIn(input['recipientId'])];
  return people.length === 0 ? UNTOLD : named(people);
}

/**
 * Whether a mail shows data of a record to others than its person: a template is filled from the related record, and
 * copies show whom the mail is to.
 */
function tellsOfRecords(input: JsonObject): boolean {
  const [hasRecipient, hasTemplate, hasRelated] = words('recipientId emailTemplateId relatedRecordId').map(
    (name) => isSaid(input[name]),
  );
  const hasAddresses = ADDRESS_INPUTS.some((name) => addressesIn(input[name]).length > 0);
  return (hasRecipient === true && hasAddresses) || (hasTemplate === true && hasRelated === true);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Attached files count as read: whoever may not see a file must not mail it either. */
const FILE_USES: readonly FieldUse[] = [
  { object: 'Attachment', field: 'Body', position: 'derive' },
  { object: 'ContentVersion', field: 'VersionData', position: 'derive' },
  { object: 'Document', field: 'Body', position: 'derive' },
];

/** The records of attached files; several in a text stand between commas. */
function filesOfMail(input: JsonObject): readonly NamedRecord[] {
  const said = FILE_INPUTS.flatMap((name): unknown => input[name]).filter(isSaid);
  return said
    .flatMap((ids) => (typeof ids === 'string' ? ids.split(',') : [ids]))
    .map((id) => {
      const file = typeof id === 'string' ? id.trim() : '';
      if (!isRecordId(file)) return refuseBody('a file is not a record id.');
      return { object: objectOfId(file), id: longId(file) };
    });
}

/** Statuses of an `EmailMessage` that has not gone out: new, read, draft. Others are replied, sent, forwarded. */
const NOT_GONE_OUT: ReadonlySet<unknown> = new Set(['0', '1', '5', 0, 1, 5, '', null]);

/** Whom writing a record reaches; undefined when nobody. Takes members by name in lower case. */
type RecipientsOf = (
  members: ReadonlyMap<string, readonly unknown[]>,
  isNew: boolean,
) => Recipients | undefined;

/** Whom a campaign member stands for: the relationship that names them, and its object. */
const MEMBERS: ReadonlyMap<string, string> = new Map([
  ['contact', 'Contact'],
  ['lead', 'Lead'],
]);

/**
 * Objects whose records send something, or add people to a list that is sent to.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_campaignmember.htm
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_listemail.htm
 */
const SENDING: Readonly<Record<string, RecipientsOf>> = {
  CampaignMember: (members) => {
    const all = (names: Iterable<string>): unknown[] => [...names].flatMap((name) => members.get(name) ?? []);
    const ids = all(['contactid', 'leadid', 'accountid']).flatMap(recordsIn);
    const referred = [...MEMBERS].flatMap(([name, object]) =>
      all([name]).map((record) => referredIn(object, record)),
    );
    const people = [...ids, ...referred.filter((one) => one !== undefined)];
    const untold =
      people.length === 0 || referred.includes(undefined) || all(['account', 'leadorcontact']).length > 0;
    return { ...named(people), untold, isMarketing: true };
  },
  EmailMessage: (members, isNew) => {
    const goesOut = (members.get('status') ?? []).some((status) => !NOT_GONE_OUT.has(status));
    const isIncoming = members.get('incoming')?.every((incoming) => incoming === true) === true;
    if (!goesOut || isIncoming) return undefined;
    const addresses = ['toaddress', 'ccaddress', 'bccaddress'].flatMap((name) =>
      (members.get(name) ?? []).flatMap(addressesIn),
    );
    // Recipients that an update does not name may stand in the record.
    return { ...named(addresses.map((email) => ({ email }))), untold: !isNew || addresses.length === 0 };
  },
  ListEmail: (members) =>
    members.get('status')?.every((status) => status === 'Draft') === true ? undefined : UNTOLD,
  ListEmailRecipientSource: () => UNTOLD,
  ListEmailIndividualRecipient: (members) => {
    const people = (members.get('recipientid') ?? []).flatMap(recordsIn);
    return people.length === 0 ? UNTOLD : named(people);
  },
};

/** Objects whose records the recipients may be. */
export function objectsReached(recipients: Recipients): string[] {
  const isByAddress = recipients.named.some((one) => 'email' in one);
  return [...objectsOfRecipients(recipients), ...(isByAddress ? PEOPLE : [])];
}

/** Whether writing records of this object may reach people. */
export function maySend(object: string): boolean {
  return Object.hasOwn(SENDING, object);
}

/** The people that a column of an upload of campaign members names: `ContactId`, `Contact.Id`, `Contact.Key__c`. */
export const audienceIn: NonNullable<CsvBody['audience']> = (header) => {
  const [, relationship, field = ''] = /^(?:\w+:)?(?:(\w+)\.)?(\w+)$/.exec(header) ?? [];
  const isField = (name: string): boolean => field.toLowerCase() === name;
  return [...MEMBERS].flatMap(([name, object]) => {
    if (relationship === undefined) return isField(`${name}id`) ? [{ object }] : [];
    if (relationship.toLowerCase() !== name) return [];
    return [isField('id') ? { object } : { object, field }];
  });
};

/** Whom writing a record reaches; undefined when nobody. @throws PrivetError BODY_UNREADABLE */
export function recipientsOfRecord(
  object: string,
  record: JsonObject,
  isNew: boolean,
): Recipients | undefined {
  if (!maySend(object)) return undefined;
  // Salesforce ignores the case of names, so one may appear twice.
  const members = Map.groupBy(Object.entries(record), ([name]) => name.toLowerCase());
  const values = new Map([...members].map(([name, entries]) => [name, entries.map(([, value]) => value)]));
  return SENDING[object]?.(values, isNew);
}

/** The record that a relationship names by a field with unique values; undefined: it cannot be told. */
function referredIn(object: string, record: unknown): Recipient | undefined {
  if (!isJsonObject(record)) return undefined;
  const [one, ...more] = Object.entries(record).filter(([name]) => name.toLowerCase() !== 'attributes');
  if (one === undefined || more.length > 0) return undefined;
  const [field, id] = one;
  if (field.toLowerCase() === 'id') return recordsIn(id)[0];
  return typeof id === 'string' ? { object, field, id } : undefined;
}

/** The record that a member names by its id, if it names one. */
function recordsIn(id: unknown): Recipient[] {
  if (id === undefined || id === null || id === '') return [];
  if (typeof id !== 'string' || !isRecordId(id)) return refuseBody('a recipient is not a record id.');
  const spelled = longId(id);
  // Its capitals and its last three characters lead to different records.
  if (!spelled.startsWith(id.slice(0, SHORT_LENGTH))) return refuseBody('a record id contradicts itself.');
  return [{ object: objectOfId(spelled), id: spelled }];
}
