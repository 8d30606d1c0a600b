import type { WhoAmI } from '../../model/who-am-i.ts';
import { isJsonObject } from '../json-body.ts';

/** @see https://help.salesforce.com/s/articleView?id=sf.remoteaccess_using_userinfo_endpoint.htm */
export const salesforceWhoAmI: WhoAmI = {
  header: 'authorization',
  request: (token) => ({
    path: '/services/oauth2/userinfo',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  }),
  parse: (body) => {
    if (!isJsonObject(body) || body['active'] === false) return undefined;
    const { user_id: id, user_type: type, profile } = body;
    if (typeof id !== 'string' || id === '') return undefined;
    // OpenID's `profile` is a URL here; only a name can be mapped to a role.
    const groups = [type, profile].filter(
      (group): group is string => typeof group === 'string' && group !== '' && !group.includes('://'),
    );
    return { id, crmUserId: id, groups };
  },
};
