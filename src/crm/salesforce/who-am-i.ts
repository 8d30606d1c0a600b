import type { CrmUser, WhoAmI } from '../../model/who-am-i.ts';
import { isJsonObject, type JsonObject } from '../json-body.ts';
import { isRecordId, longId } from './id.ts';

/** Any version that is still served will do: profiles have not changed since. */
const VERSION = 'v59.0';

const headersWith = (token: string) => ({ authorization: `Bearer ${token}`, accept: 'application/json' });

/**
 * User info tells who the user is and of which type, but not the profile, by which companies grant rights. A user whose
 * profile cannot be read is nobody: a policy may be for that very profile.
 * @see https://help.salesforce.com/s/articleView?id=sf.remoteaccess_using_userinfo_endpoint.htm
 */
export const salesforceWhoAmI: WhoAmI = {
  header: 'authorization',
  request: (token) => ({ path: '/services/oauth2/userinfo', headers: headersWith(token) }),
  parse: (body) => {
    if (!isJsonObject(body) || body['active'] === false) return undefined;
    const { user_id: id, user_type: type } = body;
    if (typeof id !== 'string' || !isRecordId(id)) return undefined;
    return {
      id: longId(id),
      crmUserId: longId(id),
      groups: typeof type === 'string' && type !== '' ? [type] : [],
    };
  },
  more: {
    request: (token, user) => {
      const soql = `SELECT Profile.Name FROM User WHERE Id = '${user.id}'`;
      return {
        path: `/services/data/${VERSION}/query?q=${encodeURIComponent(soql)}`,
        headers: headersWith(token),
      };
    },
    parse: (body, user) => {
      const profile = profileIn(body);
      return profile === undefined ? undefined : withGroup(user, profile);
    },
  },
};

function profileIn(body: unknown): string | undefined {
  const records: unknown = isJsonObject(body) ? body['records'] : undefined;
  const [user, ...others]: unknown[] = Array.isArray(records) ? records : [];
  const name = others.length === 0 && isJsonObject(user) ? nameOf(user) : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function nameOf({ Profile: profile }: JsonObject): unknown {
  return isJsonObject(profile) ? profile['Name'] : undefined;
}

function withGroup(user: CrmUser, group: string): CrmUser {
  return { ...user, groups: [...user.groups, group] };
}
