import type { FieldUse, Recipient } from '../../model/operation.ts';
import type { Shape } from '../../model/shape.ts';
import type { Recogniser } from '../adapter-code.ts';
import type { OperationDescriptor } from '../descriptor.ts';
import { isJsonObject, parseJsonObject, refuseBody, refuseUnknown } from '../json-body.ts';
import { addressesIn } from '../mail-addresses.ts';
import { named, UNTOLD } from '../recipients.ts';
import { propertyUse } from './properties.ts';
import * as shapes from './shapes.ts';

const MAIL_MEMBERS = new Set(['emailId', 'message', 'contactProperties', 'customProperties']);
const MESSAGE_MEMBERS = new Set(['to', 'cc', 'bcc', 'from', 'replyTo', 'sendId']);

/** The body of a mail writes contact properties into the contact. */
const WRITTEN_MAIL: Shape = {
  is: 'object',
  members: { contactProperties: { is: 'record', object: 'contacts', members: {}, others: 'field' } },
  others: { is: 'plain' },
};

/**
 * Mails from a template to one person, who becomes a contact if they are none yet.
 * @see https://developers.hubspot.com/docs/api-reference/marketing-single-send-v4/guide
 * @see https://developers.hubspot.com/docs/api-reference/marketing-transactional-emails-v3/guide
 */
export const SENDS: readonly OperationDescriptor[] = (
  [
    [
      'single-send',
      ['/marketing/{version}/email/single-send', '/marketing/email-campaigns/{version}/single-send'],
    ],
    [
      'transactional-send',
      [
        '/marketing/{version}/transactional/single-email/send',
        '/marketing/transactional/{version}/single-email/send',
      ],
    ],
  ] as const
).map(([name, paths]) => ({
  name,
  method: 'POST',
  paths,
  kind: 'send',
  otherKinds: ['create', 'update'],
  object: 'contacts',
  body: WRITTEN_MAIL,
  readsBody: true,
  code: 'mail',
  answer: { format: 'json', root: shapes.SENT },
}));

export const recogniseMail: Recogniser = ({ request, operation }) => {
  const body = parseJsonObject(request.body);
  refuseUnknown(body, MAIL_MEMBERS, 'it');
  const { message, contactProperties } = body;
  if (!isJsonObject(message)) return refuseBody('"message" is not an object.');
  refuseUnknown(message, MESSAGE_MEMBERS, 'the message');
  const addresses = ['to', 'cc', 'bcc'].flatMap((name) => addressesIn(message[name]));
  const uses = usesOfContact(contactProperties ?? {});
  const written = uses.length === 0 ? [] : addressesIn(message['to']);
  return {
    ...operation,
    uses,
    targets: written.map((id) => ({ object: 'contacts', field: 'email', id })),
    recipients: addresses.length === 0 ? UNTOLD : named(addresses.map((email): Recipient => ({ email }))),
    // A template shows the contact's data to all recipients.
    ...(new Set(addresses).size > 1 && { needsClearView: true as const }),
  };
};

function usesOfContact(properties: unknown): FieldUse[] {
  if (!isJsonObject(properties)) return refuseBody('"contactProperties" is not an object.');
  return Object.entries(properties).map(([field, value]): FieldUse => {
    if (typeof value === 'object' && value !== null)
      return refuseBody('a property holds an object or a list.');
    return propertyUse('contacts', field, 'write');
  });
}
