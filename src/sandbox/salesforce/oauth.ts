import { STAFF_PASSWORD, type StaffMember } from '../staff.ts';
import type { Json } from '../wire/json.ts';
import {
  bearerOf,
  jsonAnswer,
  NO_CONTENT,
  type SandboxAnswer,
  type SandboxRequest,
  textAnswer,
} from '../wire/message.ts';
import { failure } from './errors.ts';
import { ORGANIZATION_ID } from './ids.ts';
import { ORG_USERS, type Org, type OrgUser } from './org.ts';

export interface Sessions {
  /** Who calls, or 401 as the vendor answers it. @throws AnswerError INVALID_SESSION_ID */
  readonly require: (request: SandboxRequest) => OrgUser;
  /** `/services/oauth2/{endpoint}`; undefined when there is no such endpoint. */
  readonly oauth: (endpoint: string, request: SandboxRequest) => SandboxAnswer | undefined;
  /** `/id/{org}/{user}` */
  readonly identity: (request: SandboxRequest) => SandboxAnswer;
}

const identityUrl = (org: Org, user: OrgUser): string => `${org.baseUrl()}/id/${ORGANIZATION_ID}/${user.id}`;

function urlsOf(org: Org, user: OrgUser): Json {
  const base = org.baseUrl();
  const data = `${base}/services/data/v{version}/`;
  return {
    enterprise: `${base}/services/Soap/c/{version}/${ORGANIZATION_ID}`,
    metadata: `${base}/services/Soap/m/{version}/${ORGANIZATION_ID}`,
    partner: `${base}/services/Soap/u/{version}/${ORGANIZATION_ID}`,
    rest: data,
    sobjects: `${data}sobjects/`,
    search: `${data}search/`,
    query: `${data}query/`,
    recent: `${data}recent/`,
    profile: `${base}/${user.id}`,
    custom_domain: base,
  };
}

const COUNTRY_OF: Readonly<Record<StaffMember['key'], string>> = {
  ana: 'ES',
  olena: 'UA',
  jan: 'PL',
  emma: 'GB',
};

function userinfo(org: Org, user: OrgUser): SandboxAnswer {
  return jsonAnswer(200, {
    sub: identityUrl(org, user),
    user_id: user.id,
    organization_id: ORGANIZATION_ID,
    preferred_username: user.email,
    nickname: user.key,
    name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: 'Europe/Madrid',
    photos: {
      picture: `${org.baseUrl()}/profilephoto/005/F`,
      thumbnail: `${org.baseUrl()}/profilephoto/005/T`,
    },
    profile: `${org.baseUrl()}/${user.id}`,
    address: { country: COUNTRY_OF[user.key] ?? 'ES' },
    urls: urlsOf(org, user),
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_GB',
    utcOffset: 3600000,
    updated_at: '2026-01-15T09:30:00Z',
  });
}

function identityBody(org: Org, user: OrgUser): Json {
  return {
    id: identityUrl(org, user),
    asserted_user: true,
    user_id: user.id,
    organization_id: ORGANIZATION_ID,
    username: user.email,
    nick_name: user.key,
    display_name: `${user.firstName} ${user.lastName}`,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_GB',
    photos: {
      picture: `${org.baseUrl()}/profilephoto/005/F`,
      thumbnail: `${org.baseUrl()}/profilephoto/005/T`,
    },
    urls: urlsOf(org, user),
  };
}

const oauthError = (error: string, description: string): SandboxAnswer =>
  jsonAnswer(400, { error, error_description: description });

/** Who a grant of RFC 6749 is for; client credentials run as the integration user. */
function grantee(form: URLSearchParams): OrgUser | undefined {
  switch (form.get('grant_type') ?? '') {
    case 'password':
      return form.get('password') === STAFF_PASSWORD
        ? ORG_USERS.find((user) => user.email === form.get('username'))
        : undefined;
    case 'refresh_token':
      return ORG_USERS.find((user) => user.salesforceRefreshToken === form.get('refresh_token'));
    case 'client_credentials':
      return form.get('client_id') && form.get('client_secret') ? ORG_USERS.at(-1) : undefined;
    default:
      return undefined;
  }
}

/** Sessions of the org's users: fixed tokens, which a revocation takes back until the next grant. */
export function orgSessions(org: Org): Sessions {
  const revoked = new Set<string>();
  const userOf = (token: string | null | undefined): OrgUser | undefined =>
    token && !revoked.has(token) ? ORG_USERS.find((user) => user.salesforceToken === token) : undefined;
  const callerOf = (request: SandboxRequest): OrgUser | undefined =>
    userOf(bearerOf(request) ?? request.query.get('oauth_token') ?? request.query.get('access_token'));
  const token = (form: URLSearchParams): SandboxAnswer => {
    const user = grantee(form);
    if (!user) return oauthError('invalid_grant', 'authentication failure');
    revoked.delete(user.salesforceToken);
    return jsonAnswer(200, {
      access_token: user.salesforceToken,
      ...(form.get('grant_type') === 'password' ? { refresh_token: user.salesforceRefreshToken } : {}),
      instance_url: org.baseUrl(),
      id: identityUrl(org, user),
      token_type: 'Bearer',
      issued_at: String(org.now()),
      signature: 'c2FuZGJveC1zaWduYXR1cmUtb2YtdGhlLWlkZW50aXR5LXVybA==',
      scope: 'api refresh_token',
    });
  };
  const introspect = (form: URLSearchParams): SandboxAnswer => {
    const user = userOf(form.get('token'));
    if (!user) return jsonAnswer(200, { active: false });
    return jsonAnswer(200, {
      active: true,
      scope: 'api refresh_token',
      client_id: form.get('client_id') ?? '',
      username: user.email,
      sub: identityUrl(org, user),
      token_type: 'access_token',
    });
  };
  return {
    require: (request) => {
      const user = userOf(bearerOf(request));
      if (!user) throw failure(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
      return user;
    },
    oauth: (endpoint, request) => {
      const form = new URLSearchParams(
        request.method === 'POST' ? request.body.toString('utf8') : request.query,
      );
      switch (endpoint) {
        case 'token':
          return token(form);
        case 'introspect':
          return introspect(form);
        case 'revoke':
          revoked.add(form.get('token') ?? '');
          return { status: 200 };
        case 'userinfo': {
          const user = callerOf(request);
          return user ? userinfo(org, user) : textAnswer(403, 'text/html;charset=UTF-8', 'Bad_OAuth_Token');
        }
        default:
          return undefined;
      }
    },
    identity: (request) => {
      if (request.method !== 'GET') return NO_CONTENT;
      const user = callerOf(request);
      if (!user || user.id !== request.segments[2])
        return textAnswer(403, 'text/html;charset=UTF-8', 'Bad_OAuth_Token');
      return jsonAnswer(200, identityBody(org, user));
    },
  };
}
