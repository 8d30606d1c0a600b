import type { Problem } from '../../document/problem.ts';
import type { Compiled } from '../compile/compile.ts';
import type { PolicySnapshot } from '../snapshot.ts';

/** What came of a reload. */
export type Reload =
  | { readonly outcome: 'replaced'; readonly snapshot: PolicySnapshot; readonly warnings: readonly Problem[] }
  /** Nothing has changed in the files. */
  | { readonly outcome: 'unchanged' }
  /** The old snapshot stays in force. */
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] }
  /** The files could not be read, or all policies are gone; the old snapshot stays in force. */
  | { readonly outcome: 'failed'; readonly error: unknown };

/** Holds the snapshot in force. Swapped as a whole: a decision sees the old one or the new one, never a mixture. */
export interface PolicyStore {
  readonly current: () => PolicySnapshot;
  /** Loads again. Never rejects; reloads run one after the other, so that an older load never replaces a newer one. */
  readonly reload: () => Promise<Reload>;
}

/**
 * @param initial the snapshot that Privet started with
 * @param load reads and compiles the files
 * @param onReload told of every reload, before `reload` resolves
 */
export function createPolicyStore(
  initial: PolicySnapshot,
  load: () => Promise<Compiled>,
  onReload: (reload: Reload) => void,
): PolicyStore {
  let snapshot = initial;
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<Reload> | undefined;
  const once = async (): Promise<Reload> => {
    waiting = undefined;
    const reload = await attempt(load, snapshot);
    if (reload.outcome === 'replaced') snapshot = reload.snapshot;
    onReload(reload);
    return reload;
  };
  return {
    current: () => snapshot,
    reload: () => {
      if (waiting !== undefined) return waiting;
      const next = running.then(once);
      waiting = next;
      running = next.catch(() => undefined);
      return next;
    },
  };
}

async function attempt(load: () => Promise<Compiled>, inForce: PolicySnapshot): Promise<Reload> {
  try {
    const compiled = await load();
    if ('problems' in compiled) return { outcome: 'refused', problems: compiled.problems };
    const { snapshot } = compiled;
    if (snapshot.hash === inForce.hash) return { outcome: 'unchanged' };
    // Most likely a directory is being rewritten or a volume went away. To have no policies at all takes a restart.
    if (snapshot.policies.length === 0 && inForce.policies.length > 0) {
      return {
        outcome: 'failed',
        error: new Error('No policy is left; only a restart takes the last one away.'),
      };
    }
    return { outcome: 'replaced', snapshot, warnings: compiled.warnings };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}
