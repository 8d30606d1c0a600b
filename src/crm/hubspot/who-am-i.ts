import type { WhoAmI } from '../../model/who-am-i.ts';
import { isJsonObject } from '../json-body.ts';

/**
 * The token's metadata name the user; records name owners, which have ids of their own. A user who is no owner, or
 * whose token may not read owners, owns nothing: rules about owners then hold for no record.
 * @see https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens/get-oauth-v1-access-tokens-token
 * @see https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide
 */
export const hubspotWhoAmI: WhoAmI = {
  header: 'authorization',
  request: (token) => ({
    path: `/oauth/v1/access-tokens/${encodeURIComponent(token)}`,
    headers: { accept: 'application/json' },
  }),
  parse: (body) => {
    if (!isJsonObject(body)) return undefined;
    const { user_id: user, scopes } = body;
    const id = typeof user === 'number' || typeof user === 'string' ? String(user) : '';
    if (!/^\d+$/.test(id)) return undefined;
    const groups = Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [];
    return { id, groups };
  },
  more: {
    request: (token, { id }) => ({
      path: `/crm/v3/owners/${id}?idProperty=userId`,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    }),
    parse: (body, user) => {
      if (!isJsonObject(body)) return user;
      const { id, userId } = body;
      const isUser = typeof id === 'string' && id !== '' && String(userId) === user.id;
      return isUser ? { ...user, crmUserId: id } : user;
    },
  },
};
