import type { Limits } from '../../limits.ts';
import type { Login } from '../../model/audit-event.ts';
import type { Principal } from '../../model/principal.ts';

/** What happened to a credential, and how often. */
export interface LoginEvent {
  readonly login: Login;
  /** Whose it is, when it was accepted. */
  readonly principal?: Principal;
}

/** Collects logins for the audit trail. */
export interface LoginHistory {
  /** @param event its `count` is 1 */
  readonly note: (event: LoginEvent) => void;
  /** Tells the logins that were not told yet. */
  readonly close: () => void;
}

interface Open {
  readonly event: LoginEvent;
  /** How often it has happened since it was last told. */
  more: number;
}

/**
 * Tells the first login of a kind at once, and those that follow as one every `loginCoalesceMs`, so that fast guessing
 * cannot fill the trail. Kinds beyond `loginEventsMax` are told together, without their origin.
 */
export function createLoginHistory(
  limits: Pick<Limits, 'loginCoalesceMs' | 'loginEventsMax'>,
  tell: (event: LoginEvent) => void,
): LoginHistory {
  const open = new Map<string, Open>();
  let timer: NodeJS.Timeout | undefined;

  function tellRest(): void {
    timer = undefined;
    for (const [key, kind] of open) {
      const { event, more } = kind;
      if (more === 0) open.delete(key);
      else tell({ ...event, login: { ...event.login, count: more } });
      kind.more = 0;
    }
    if (open.size > 0) wait();
  }

  function wait(): void {
    timer ??= setTimeout(tellRest, limits.loginCoalesceMs);
    timer.unref();
  }

  return {
    note: (event) => {
      const own = keyOf(event);
      const isOneTooMany = !open.has(own) && open.size >= limits.loginEventsMax;
      const told = isOneTooMany ? withoutPlace(event) : event;
      const key = isOneTooMany ? keyOf(told) : own;
      const before = open.get(key);
      if (before !== undefined) {
        before.more++;
        return;
      }
      open.set(key, { event: told, more: 0 });
      tell(told);
      wait();
    },
    close: () => {
      clearTimeout(timer);
      tellRest();
      clearTimeout(timer);
    },
  };
}

function keyOf({ login, principal }: LoginEvent): string {
  const { outcome, via, because, what, name, address } = login;
  return [outcome, via, because, what, name, address, principal?.id].join('\n');
}

/** One for each outcome and reason. */
function withoutPlace({ login: { outcome, via, because, what } }: LoginEvent): LoginEvent {
  const rest = {
    ...(via === undefined ? {} : { via }),
    ...(because === undefined ? {} : { because }),
    ...(what === undefined ? {} : { what }),
  };
  return { login: { outcome, count: 1, ...rest } };
}
