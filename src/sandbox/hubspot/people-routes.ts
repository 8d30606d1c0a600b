import type { Json } from '../wire/json.ts';
import { bearerOf, jsonAnswer, type SandboxAnswer, type SandboxRequest } from '../wire/message.ts';
import { objectNotFound, problem } from './errors.ts';
import { type Call, HUB_ID, PORTAL_USERS, type PortalUser } from './portal.ts';

const COMMON_SCOPES = [
  'oauth',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.owners.read',
];
/** What a token may do beyond that; shown to whoever asks, not enforced. */
const EXTRA_SCOPES: Readonly<Record<PortalUser['profile'], readonly string[]>> = {
  'Standard User': [],
  'Marketing User': ['communication_preferences.read_write'],
  'System Administrator': ['crm.export', 'crm.objects.contacts.sensitive.read'],
};

/** @throws AnswerError 401 INVALID_AUTHENTICATION */
export function requireUser(request: SandboxRequest): PortalUser {
  const token = bearerOf(request);
  const user = PORTAL_USERS.find(({ hubspotToken }) => hubspotToken === token);
  if (!user)
    throw problem(
      401,
      'INVALID_AUTHENTICATION',
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    );
  return user;
}

function ownerJson(user: PortalUser): Json {
  return {
    id: user.ownerId,
    email: user.email,
    type: 'PERSON',
    firstName: user.firstName,
    lastName: user.lastName,
    userId: user.userId,
    userIdIncludingInactive: user.userId,
    createdAt: '2026-01-15T09:30:00.000Z',
    updatedAt: '2026-01-15T09:30:00.000Z',
    archived: false,
    teams: [{ id: '368', name: user.profile, primary: true }],
  };
}

/** `/owners[/{id}]`, by e-mail or user id too. */
export function ownersAnswer(call: Call): SandboxAnswer {
  const id = call.rest[1];
  const { query } = call.request;
  if (id !== undefined) {
    const byUser = query.get('idProperty') === 'userId';
    const owner = PORTAL_USERS.find((user) => (byUser ? String(user.userId) : user.ownerId) === id);
    if (!owner) throw objectNotFound();
    return jsonAnswer(200, ownerJson(owner));
  }
  const email = query.get('email');
  return jsonAnswer(200, {
    results: PORTAL_USERS.filter((user) => email === null || user.email === email).map(ownerJson),
  });
}

/** GET `/oauth/v1/access-tokens/{token}`: who a token belongs to, the token in the path. */
export function tokenAnswer(request: SandboxRequest): SandboxAnswer {
  const token = request.segments.at(-1) ?? '';
  const user = PORTAL_USERS.find(({ hubspotToken }) => hubspotToken === token);
  if (!user) throw problem(404, 'INVALID_AUTHENTICATION', 'access token not found');
  return jsonAnswer(200, {
    token,
    user: user.email,
    hub_domain: 'acme.example',
    scopes: [...COMMON_SCOPES, ...EXTRA_SCOPES[user.profile]],
    hub_id: HUB_ID,
    app_id: 111_111,
    expires_in: 1_754,
    user_id: user.userId,
    token_type: 'access',
    is_private_distribution: false,
  });
}
