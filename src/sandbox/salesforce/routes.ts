import { type Handler, jsonAnswer, type SandboxAnswer, type SandboxRequest } from '../wire/message.ts';
import { actionsAnswer } from './actions.ts';
import { bulkIngestRoutes } from './bulk-ingest.ts';
import { bulkQueryRoutes } from './bulk-query.ts';
import { collectionRoutes, uiRecord } from './collections.ts';
import { compositeAnswer } from './composite.ts';
import { failure, notFound } from './errors.ts';
import { ORGANIZATION_ID } from './ids.ts';
import { orgSessions } from './oauth.ts';
import type { Call, Org } from './org.ts';
import { queryRoutes } from './query-routes.ts';
import { reportAnswer } from './report.ts';
import { parameterizedSearch, sosl } from './search.ts';
import { recordCounts, sobjectRoutes } from './sobject-routes.ts';

const VERSIONS = ['58.0', '59.0', '60.0', '67.0', '68.0'];
const RESOURCES = [
  'sobjects',
  'query',
  'queryAll',
  'search',
  'parameterizedSearch',
  'composite',
  'jobs',
  'analytics',
  'limits',
  'recent',
  'actions',
  'ui-api',
];
const DAILY_REQUESTS = 100_000;

function versionRoot(org: Org, call: Call): SandboxAnswer {
  const resources = RESOURCES.map((name) => [name, `/services/data/${call.version}/${name}`] as const);
  return jsonAnswer(200, {
    ...Object.fromEntries(resources),
    identity: `${org.baseUrl()}/id/${ORGANIZATION_ID}/${call.user.id}`,
  });
}

function versions(): SandboxAnswer {
  return jsonAnswer(
    200,
    VERSIONS.map((version) => ({ label: `Release ${version}`, url: `/services/data/v${version}`, version })),
  );
}

/** Answers as a Salesforce org does. */
export function salesforceHandler(org: Org): Handler {
  const sessions = orgSessions(org);
  const { query } = queryRoutes(org);
  const { sobjects, recent } = sobjectRoutes(org);
  const { collections } = collectionRoutes(org);
  const bulkQuery = bulkQueryRoutes(org);
  const bulkIngest = bulkIngestRoutes(org);
  let used = 0;

  const dataApi = (call: Call): SandboxAnswer => {
    switch (call.rest[0]) {
      case undefined:
        return versionRoot(org, call);
      case 'query':
      case 'queryAll':
        return query(call);
      case 'sobjects':
        return sobjects(call);
      case 'recent':
        return recent(call);
      case 'composite':
        return call.rest[1] === 'sobjects' ? collections(call) : compositeAnswer(call, answer);
      case 'jobs':
        if (call.rest[1] === 'query') return bulkQuery.jobs(call);
        if (call.rest[1] === 'ingest') return bulkIngest.jobs(call);
        throw notFound();
      case 'analytics':
        return reportAnswer(org, call);
      case 'ui-api':
        return uiRecord(org, call);
      case 'search':
        return sosl(org, call);
      case 'parameterizedSearch':
        return parameterizedSearch(org, call);
      case 'actions':
        return actionsAnswer(org, call);
      case 'limits':
        if (call.rest[1] === 'recordCount') return recordCounts(org, call);
        return jsonAnswer(200, {
          DailyApiRequests: { Max: DAILY_REQUESTS, Remaining: Math.max(0, DAILY_REQUESTS - used) },
        });
      default:
        throw notFound();
    }
  };
  const answer = (request: SandboxRequest): SandboxAnswer => {
    const [first, second, third, ...rest] = request.segments;
    if (first === 'id') return sessions.identity(request);
    if (first === 'services' && second === 'oauth2') {
      const answered = sessions.oauth(third ?? '', request);
      if (answered) return answered;
    }
    if (first !== 'services' || second !== 'data') throw notFound();
    if (third === undefined) return versions();
    if (!/^v\d{2}\.0$/.test(third)) throw failure(404, 'NOT_FOUND', 'The requested resource does not exist');
    const user = sessions.require(request);
    used += 1;
    const given = dataApi({ request, user, version: third, rest });
    return {
      ...given,
      headers: { ...given.headers, 'sforce-limit-info': `api-usage=${used}/${DAILY_REQUESTS}` },
    };
  };
  return answer;
}
