import type { Clock } from '../../clock.ts';
import type { Limits } from '../../limits.ts';
import { type Grant, type GrantState, stateOf } from '../grant.ts';

export interface GrantWatchOptions {
  /** All grants in force now. */
  readonly grants: () => readonly Grant[];
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'grantWarningMs' | 'grantLookMsMax'>;
  /** Called once for every grant that is ending, and once when it is over. */
  readonly tell: (grant: Grant, state: Exclude<GrantState, 'running'>) => void;
}

export interface GrantWatch {
  readonly count: (state: GrantState) => number;
  readonly close: () => void;
}

/**
 * Reports grants that are near their end or past it. They end by themselves; the watch only tells of it. Looks at once,
 * and again whenever something may have changed.
 */
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
      // Known by content, so that neither a reload nor a line inserted above it makes it another grant.
      const key = JSON.stringify([grant.what, grant.end, state]);
      if (state !== 'running' && !before.has(key) && !told.has(key)) tell(grant, state);
      told.add(key);
    }
    const changes = current.flatMap(({ end }) => [end - grantWarningMs, end]).filter((at) => at > now);
    // Bounded, because a reload or a clock that is set may bring a change forward.
    timer = setTimeout(look, Math.min(grantLookMsMax, ...changes.map((at) => at - now)));
    timer.unref();
  };

  look();
  return {
    count: (state) => grants().filter((grant) => stateOf(grant, clock(), grantWarningMs) === state).length,
    close: () => clearTimeout(timer),
  };
}
