import type { CrmAdapter } from '../crm/adapter.ts';
import { locatorOwner } from '../enforce/locator.ts';
import { Refusal } from '../enforce/refusal.ts';
import { ERRORS, type ErrorCode, PrivetError } from '../errors.ts';
import { decodeWhole } from '../media/decode-whole.ts';
import { isJsonType, parseMediaType } from '../media/media-type.ts';
import { MediaError } from '../media/rewriter.ts';
import { parseStrictJson } from '../media/strict-json.ts';
import type { Operation } from '../model/operation.ts';
import type { Posture } from '../model/posture.ts';
import { type Principal, STRANGER } from '../model/principal.ts';
import type { CrmRequest } from '../model/request.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import { readFromCrm } from './read-from-crm.ts';
import type { Received } from './receive.ts';
import { hasBody, readBody } from './wire/body.ts';

/** Route of requests that pass because the posture lets unknown operations pass. */
export const UNKNOWN_ROUTE = 'unknown';

/**
 * What does this do in this CRM?
 * @throws Refusal for strangers, unknown operations and unreadable queries, unless the posture allows them
 */
export async function recognise(
  house: House,
  passage: Passage,
  received: Received,
  principal: Principal | undefined,
): Promise<Operation> {
  const { door, request } = received;
  const { adapter } = door;
  const readsBody = hasBody(passage.req) && adapter.readsBody(request.method, request.path);
  // Nothing that a stranger sends is held in memory. Strangers may log in, but a login is recognised without its body.
  if (readsBody) requirePrincipal(house, passage, principal);
  const whole = readsBody ? { ...request, body: await readWholeBody(house, passage, request) } : request;

  const owner = locatorOwner(door.name, principal ?? STRANGER);
  let operation: Operation | undefined;
  try {
    if (readsBody) requireUtf8(passage);
    requireNamesAsTheyStand(passage, adapter);
    operation = adapter.recognise(whole, (sealed) => house.enforcement.seal.open(owner, sealed));
    if (operation === undefined) permit(house, passage, 'unknownOperation', 'OPERATION_UNKNOWN');
    else requireNoStrayBody(passage, operation);
  } catch (error) {
    if (!(error instanceof PrivetError) || error.code !== 'BODY_UNREADABLE') throw error;
    permit(house, passage, 'unreadableBody', 'BODY_UNREADABLE', error.detail);
  }
  operation ??= uninspected(whole);
  passage.operation = operation;
  if (operation.kind !== 'auth') requirePrincipal(house, passage, principal);
  passage.operation = await toldByCrm(house, passage, received, operation);
  return passage.operation;
}

/** Asks the CRM what a request does where nothing else tells. */
async function toldByCrm(
  house: House,
  passage: Passage,
  received: Received,
  operation: Operation,
): Promise<Operation> {
  const reading = received.door.adapter.readOperation?.(operation);
  if (reading === undefined) return operation;
  const told = reading.operation(await readFromCrm(house, passage, received, reading.request));
  if (told === undefined)
    permit(house, passage, 'unreadableBody', 'BODY_UNREADABLE', 'It cannot be told what it uploads to.');
  return told ?? operation;
}

async function readWholeBody(house: House, { req }: Passage, request: CrmRequest): Promise<Buffer> {
  const { limits } = house.enforcement;
  const coded = await readBody(req, limits.requestBodyBytesMax);
  try {
    const body = await decodeWhole(coded, req.headers['content-encoding'] ?? '', {
      ...limits,
      decodedBytesMax: limits.requestBodyBytesMax,
    });
    if (isJsonType(request.contentType) && body.length > 0) parseStrictJson(body, limits);
    return body;
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    throw new PrivetError(
      error.reason === 'limit' ? 'REQUEST_TOO_LARGE' : 'REQUEST_MALFORMED',
      error.message,
    );
  }
}

/** In another charset the CRM would read another text than is judged here. @throws PrivetError BODY_UNREADABLE */
function requireUtf8({ req }: Passage): void {
  if (!parseMediaType(req.headers['content-type'] ?? '').isUtf8)
    throw new PrivetError('BODY_UNREADABLE', 'Body: its charset is not UTF-8.');
}

/** The names that are judged here must be those that the CRM reads. @throws PrivetError BODY_UNREADABLE */
function requireNamesAsTheyStand({ req }: Passage, { renamingHeaders }: CrmAdapter): void {
  for (const [name, values] of renamingHeaders ?? []) {
    if (values.test(String(req.headers[name] ?? '')))
      throw new PrivetError('BODY_UNREADABLE', `Its header "${name}" changes what its names mean.`);
  }
}

/**
 * A body of these methods has no defined meaning (RFC 9110 section 9.3.1): a CRM that reads one may do what nobody
 * judged.
 */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/** @throws PrivetError BODY_UNREADABLE */
function requireNoStrayBody({ req }: Passage, { request, body }: Operation): void {
  const hasNone = body.format === 'none' || (body.format === 'opaque' && WITHOUT_BODY.has(request.method));
  if (hasNone && hasBody(req))
    throw new PrivetError('BODY_UNREADABLE', `Body: a ${request.method} of this operation has none.`);
}

function requirePrincipal(house: House, passage: Passage, principal: Principal | undefined): void {
  if (principal === undefined) permit(house, passage, 'unidentified', 'UNIDENTIFIED');
}

/** Refuses in the posture's name unless the posture allows it. Observe mode only notes the refusal. */
function permit(house: House, passage: Passage, name: keyof Posture, code: ErrorCode, detail?: string): void {
  const { mode, posture } = house.enforcement;
  if (posture[name] === 'allow') return;
  const message = detail === undefined ? ERRORS[code].message : `${ERRORS[code].message} ${detail}`;
  const denial = { policy: `posture.${name}`, message };
  if (mode === 'enforce') throw new Refusal(denial, code);
  passage.refusal ??= denial;
}

/** Stands for an unknown operation whose bytes pass unread. */
function uninspected(request: CrmRequest): Operation {
  return {
    route: UNKNOWN_ROUTE,
    kind: 'metadata',
    objects: [],
    uses: [],
    aggregates: false,
    body: { format: 'opaque' },
    answer: { format: 'plain', error: { is: 'plain' } },
    request,
  };
}
