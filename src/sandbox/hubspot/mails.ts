import { isJsonObject, type Json, textOf } from '../wire/json.ts';
import { jsonAnswer, jsonBody, type SandboxAnswer, type SandboxRequest } from '../wire/message.ts';
import { invalid, invalidJson, noSuchRoute } from './errors.ts';
import { textList } from './object-routes.ts';
import type { Portal } from './portal.ts';
import { typeSchema } from './schema.ts';

const PATHS = [
  /^\/marketing\/(v\d+|\d{4}-\d{2})\/email\/single-send$/,
  /^\/marketing\/email-campaigns\/(v\d+|\d{4}-\d{2})\/single-send$/,
  /^\/marketing\/(v\d+|\d{4}-\d{2})\/transactional\/single-email\/send$/,
  /^\/marketing\/transactional\/(v\d+|\d{4}-\d{2})\/single-email\/send$/,
];

/** Whoever is not a contact becomes one; what the request says of the contact is kept. */
function keepContact(portal: Portal, email: string, properties: Json | undefined): void {
  const schema = typeSchema('contacts');
  if (schema === undefined) return;
  const written = isJsonObject(properties) ? properties : {};
  const known = portal.store.find(schema, email, 'email');
  if (known === undefined) portal.store.create(schema, { email, ...written });
  else if (Object.keys(written).length > 0) portal.store.update(schema, known, written);
}

/** POST of one mail from a template. */
export function mailAnswer(portal: Portal, request: SandboxRequest): SandboxAnswer {
  if (request.method !== 'POST' || !PATHS.some((path) => path.test(request.path))) throw noSuchRoute();
  const body = jsonBody(request);
  const message = body?.['message'];
  if (!body || !isJsonObject(message)) throw invalidJson();
  const to = textOf(message['to']);
  if (textOf(body['emailId']) === '') throw invalid('Some required fields were not set: [emailId]');
  // The vendor repeats the address; so does the sandbox, for it is a place where values leak.
  if (!/^[^\s@]+@[^\s@]+$/.test(to)) throw invalid(`Invalid recipient address: ${to}`);
  keepContact(portal, to, body['contactProperties']);
  const copies = [...textList(message['cc']), ...textList(message['bcc'])];
  portal.outbox.send({
    to: [to, ...copies],
    subject: `Template ${textOf(body['emailId'])}`,
    attachments: [],
  });
  return jsonAnswer(200, {
    requestedAt: new Date(portal.now()).toISOString(),
    statusId: `c2FuZGJveC0${portal.outbox.mails.length}`,
    status: 'PENDING',
  });
}
