import type { Clock } from '../clock.ts';
import type { Limits } from '../limits.ts';
import { type Grant, type GrantState, stateOf } from './grant.ts';

export interface GrantWatchOptions {
  /** All grants in force now. */
  readonly grants: () => readonly Grant[];
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'grantWarningMs' | 'grantLookMsMax'>;
  /** Told once of every grant that is ending and once that it is over, as long as this watch lives. */
  readonly tell: (grant: Grant, state: Exclude<GrantState, 'running'>) => void;
}

export interface GrantWatch {
  readonly count: (state: GrantState) => number;
  readonly close: () => void;
}

/** Watches grants come to their end, which they do by themselves: the watch only tells of it. Looks at once, then in time. */
export function watchGrants({ grants, clock, limits, tell }: GrantWatchOptions): GrantWatch {
  const { grantWarningMs, grantLookMsMax } = limits;
  let told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const now = clock();
    const current = grants();
    const before = told;
    told = new Set();
    for (const grant of current) {
      const state = stateOf(grant, now, grantWarningMs);
      // Neither a reload nor a line more above it makes another grant of it.
      const key = JSON.stringify([grant.what, grant.end, state]);
      if (state !== 'running' && !before.has(key) && !told.has(key)) tell(grant, state);
      told.add(key);
    }
    const changes = current.flatMap(({ end }) => [end - grantWarningMs, end]).filter((at) => at > now);
    // A clock that is set anew, or a reload, brings a change forward.
    timer = setTimeout(look, Math.min(grantLookMsMax, ...changes.map((at) => at - now)));
    timer.unref();
  };

  look();
  return {
    count: (state) => grants().filter((grant) => stateOf(grant, clock(), grantWarningMs) === state).length,
    close: () => clearTimeout(timer),
  };
}
