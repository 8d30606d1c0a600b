import { type Handler, jsonAnswer, type SandboxAnswer, type SandboxRequest } from '../wire/message.ts';
import { associationsAnswer, recordAssociations } from './associations.ts';
import { batchAnswer } from './batch-routes.ts';
import { noSuchRoute, problem } from './errors.ts';
import { portalExports } from './exports.ts';
import { portalFiles } from './files.ts';
import { portalLists } from './lists.ts';
import { mailAnswer } from './mails.ts';
import { pipelinesAnswer, propertiesAnswer, schemasAnswer } from './metadata.ts';
import { objectAnswer } from './object-routes.ts';
import { ownersAnswer, requireUser, tokenAnswer } from './people-routes.ts';
import { type Call, HUB_ID, type Portal } from './portal.ts';
import { typeSchema } from './schema.ts';
import { portalSubscriptions } from './subscriptions.ts';
import { restOf } from './version.ts';

/** Answers kept until a record changes. */
const ANSWERS_MAX = 200;
const RATE_HEADERS = {
  'x-hubspot-ratelimit-max': '190',
  'x-hubspot-ratelimit-remaining': '189',
  'x-hubspot-ratelimit-interval-milliseconds': '10000',
};

function objectsAnswer(portal: Portal, call: Call): SandboxAnswer {
  const [, type = '', key, part] = call.rest;
  const schema = typeSchema(type);
  if (!schema) throw problem(400, 'VALIDATION_ERROR', `Unable to infer object type from: ${type}`);
  if (key === 'batch') return batchAnswer(portal, call, schema);
  if (part === 'associations') return recordAssociations(portal, call, schema);
  if (part !== undefined) throw noSuchRoute();
  return objectAnswer(portal, call, schema);
}

/** Answers as a HubSpot portal does. */
export function hubspotHandler(portal: Portal): Handler {
  const exports = portalExports(portal);
  const lists = portalLists(portal);
  const files = portalFiles(portal);
  const subscriptions = portalSubscriptions(portal);
  const kept = new Map<string, SandboxAnswer>();
  let version = -1;

  const crm = (request: SandboxRequest): SandboxAnswer => {
    const call: Call = { request, rest: restOf(request.segments) };
    switch (call.rest[0] ?? '') {
      case 'objects':
        return objectsAnswer(portal, call);
      case 'properties':
        return propertiesAnswer(call);
      case 'pipelines':
        return pipelinesAnswer(call);
      case 'schemas':
        return schemasAnswer(call);
      case 'owners':
        return ownersAnswer(call);
      case 'associations':
        return associationsAnswer(portal, call);
      case 'exports':
        return exports.answer(call);
      case 'lists':
        return lists(call);
      default:
        throw noSuchRoute();
    }
  };
  /** Reads of objects, kept by their URL or search body as long as no record changes. */
  const remembered = (request: SandboxRequest): SandboxAnswer => {
    const isRead = request.method === 'GET' || /\/(search|batch\/read)$/.test(request.path);
    if (!isRead || /\/(exports|lists)\b/.test(request.path)) return crm(request);
    if (portal.store.version() !== version) {
      kept.clear();
      version = portal.store.version();
    }
    const key = `${request.method} ${request.url} ${request.body.toString('latin1')}`;
    const answer = kept.get(key) ?? crm(request);
    kept.set(key, answer);
    const [oldest] = kept.keys();
    if (kept.size > ANSWERS_MAX && oldest !== undefined) kept.delete(oldest);
    return answer;
  };
  return (request) => {
    const [area, ...rest] = request.segments;
    if (area === 'export-files') return exports.download({ request, rest });
    if (area === 'oauth' && request.segments.at(-2) === 'access-tokens') return tokenAnswer(request);
    if (area === 'signed-files') return files.download(request);
    requireUser(request);
    if (area === 'account-info')
      return jsonAnswer(200, {
        portalId: HUB_ID,
        timeZone: 'Europe/Madrid',
        dataHostingLocation: 'eu1',
        uiDomain: 'app-eu1.hubspot.com',
      });
    if (area === 'marketing') return mailAnswer(portal, request);
    if (area === 'communication-preferences')
      return subscriptions({ request, rest: restOf(request.segments) });
    if (area === 'files') return files.answer({ request, rest: restOf(request.segments) });
    if (area === 'crm-object-schemas') return schemasAnswer({ request, rest: restOf(request.segments) });
    if (area !== 'crm') throw noSuchRoute();
    const answer = remembered(request);
    return { ...answer, headers: { ...answer.headers, ...RATE_HEADERS } };
  };
}
