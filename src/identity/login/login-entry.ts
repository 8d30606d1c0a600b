import type { AuditEntry, Login, LoginRefusal } from '../../model/audit-event.ts';
import type { LoginEvent } from './login-history.ts';

const REFUSED: Readonly<Record<LoginRefusal, string>> = {
  unknown: 'it is nobody’s',
  expired: 'its time is over, or has not come',
  unanswered: 'whoever had to be asked did not answer',
  locked: 'it was not looked at, after too many failures',
};

/** What the audit trail says of a login: names, keyed hashes and words. */
export function loginEntry({
  login,
  principal,
}: LoginEvent): Pick<AuditEntry, 'principal' | 'login' | 'reason'> {
  return {
    login,
    reason: inWords(login),
    ...(principal === undefined
      ? {}
      : {
          principal: {
            id: principal.id,
            roles: principal.roles,
            purposes: principal.purposes,
            via: principal.via,
          },
        }),
  };
}

function inWords({ outcome, because, what, count }: Login): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  switch (outcome) {
    case 'accepted':
      return `a credential was accepted${times}`;
    case 'refused':
      return `a credential was refused: ${REFUSED[because ?? 'unknown']}${times}`;
    case 'locked':
      return what === 'address'
        ? 'an address was locked: too many different credentials were refused to it'
        : 'a credential was locked: it was refused too often';
    case 'unlocked':
      return `${what === 'address' ? 'an address' : 'a credential'} is no longer locked`;
  }
}
