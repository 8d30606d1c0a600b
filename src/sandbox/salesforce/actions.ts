import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, jsonBody, type SandboxAnswer } from '../wire/message.ts';
import { malformedJson, methodNotAllowed, notFound } from './errors.ts';
import type { Call, Org } from './org.ts';
import { schemaOf } from './schema.ts';

const RECIPIENTS_MAX = 150;
const ADDRESSES = [
  'emailAddresses',
  'emailAddressesArray',
  'ccRecipientAddressList',
  'ccRecipientAddressCollection',
  'bccRecipientAddressList',
  'bccRecipientAddressCollection',
  'recipientAddresses',
  'ccAddresses',
  'bccAddresses',
];

type Input = { readonly [name: string]: Json };

/** A text of addresses, or a collection of them. */
function addressesIn(value: Json | undefined): string[] {
  const texts = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text.trim())
    .filter((text) => text !== '');
}

function recipientsOf(org: Org, input: Input): string[] {
  const record = org.store.get(textOf(input['recipientId']));
  return [...ADDRESSES.flatMap((name) => addressesIn(input[name])), ...addressesIn(record?.['Email'])];
}

const idsIn = (value: Json | undefined): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map(textOf).filter((id) => id !== '');

/** One result for one input, as every action answers. */
function result(error?: { readonly statusCode: string; readonly message: string }): Json {
  return {
    actionName: 'emailSimple',
    errors: error === undefined ? null : [{ ...error, fields: [] }],
    invocationId: null,
    isSuccess: error === undefined,
    outcome: null,
    outputValues: null,
    sortOrder: -1,
    version: 1,
  };
}

function sendMail(org: Org, call: Call, input: Input): Json {
  const to = recipientsOf(org, input);
  const subject = textOf(input['emailSubject']);
  const hasTemplate = textOf(input['emailTemplateId']) !== '';
  if (!hasTemplate && (subject === '' || textOf(input['emailBody']) === ''))
    return result({
      statusCode: 'REQUIRED_FIELD_MISSING',
      message: 'Missing required input parameter: emailSubject',
    });
  if (to.length === 0)
    return result({
      statusCode: 'INVALID_EMAIL_ADDRESS',
      message: 'At least one recipient address is required.',
    });
  // The vendor repeats the address; so does the sandbox, for it is a place where values leak.
  const wrong = to.find((address) => !/^[^\s@]+@[^\s@]+$/.test(address));
  if (wrong !== undefined)
    return result({ statusCode: 'INVALID_EMAIL_ADDRESS', message: `Email address is invalid: ${wrong}` });
  if (to.length > RECIPIENTS_MAX)
    return result({ statusCode: 'LIMIT_EXCEEDED', message: `More than ${RECIPIENTS_MAX} recipients.` });
  const attachments = [...idsIn(input['attachmentId']), ...idsIn(input['attachmentIdCollection'])];
  org.outbox.send({ to, subject, attachments });
  if (input['logEmailOnSend'] === true) log(org, call, input, to);
  return result();
}

/** A mail that is logged stays with the CRM as a record of its own. */
function log(org: Org, call: Call, input: Input, to: readonly string[]): void {
  const schema = schemaOf('EmailMessage');
  if (schema === undefined) return;
  const values = {
    Subject: textOf(input['emailSubject']),
    TextBody: textOf(input['emailBody']),
    ToAddress: to.join('; '),
    FromAddress: call.user.email,
    Status: '3',
  };
  org.store.create(schema, values, call.user.id);
}

/** `/actions/standard[/emailSimple]`; there is no other action. */
export function actionsAnswer(org: Org, call: Call): SandboxAnswer {
  const [, kind, name] = call.rest;
  const { method } = call.request;
  const root = `/services/data/${call.version}/actions`;
  if (kind === undefined) return jsonAnswer(200, { standard: `${root}/standard`, custom: `${root}/custom` });
  if (kind !== 'standard') throw notFound();
  const email = { label: 'Send Email', name: 'emailSimple', type: 'EMAILSIMPLE' };
  if (name === undefined)
    return jsonAnswer(200, { actions: [{ ...email, url: `${root}/standard/emailSimple` }] });
  if (name.toLowerCase() !== 'emailsimple') throw notFound();
  if (method === 'GET') {
    const inputs = ADDRESSES.map((input) => ({ name: input, required: false, type: 'STRING' }));
    return jsonAnswer(200, { ...email, inputs, outputs: [], standard: true, targetEntityName: null });
  }
  if (method !== 'POST') throw methodNotAllowed(method);
  const inputs = jsonBody(call.request)?.['inputs'];
  if (!Array.isArray(inputs) || !inputs.every(isJsonObject)) throw malformedJson();
  const results = inputs.map((input: Input) => sendMail(org, call, input));
  const failed = results.some((one) => isJsonObject(one) && one['isSuccess'] === false);
  return jsonAnswer(failed ? 400 : 200, results);
}
