import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ConsentAccess } from './consent-access.ts';

/** Where the data subjects of an answer stand, a window at a time. */
export interface Standings {
  /** Notes whom has to be asked about. */
  readonly want: (who: DataSubjectKeys) => void;
  readonly isWaiting: () => boolean;
  /** Asks about all who were noted, in one go; undefined when there is nobody. What was asked before is forgotten. */
  readonly fetch: () => Promise<void> | undefined;
  /** Undefined: nobody asked. */
  readonly of: (who: DataSubjectKeys) => Standing | undefined;
}

export function createStandings(consent: ConsentAccess): Standings {
  let wanted = new Map<string, DataSubjectKeys>();
  let known = new Map<string, Standing>();
  return {
    want: (who) => void wanted.set(nameOf(who), who),
    isWaiting: () => wanted.size > 0,
    fetch: () => {
      known = new Map();
      if (wanted.size === 0) return undefined;
      const asked = wanted;
      wanted = new Map();
      return ask(asked);
    },
    of: (who) => known.get(nameOf(who)),
  };

  async function ask(asked: ReadonlyMap<string, DataSubjectKeys>): Promise<void> {
    const found = await consent.standings([...asked.values()]);
    let next = 0;
    for (const name of asked.keys()) {
      const standing = found[next++];
      if (standing !== undefined) known.set(name, standing);
    }
  }
}

function nameOf({ record = '', email = '', phone = '' }: DataSubjectKeys): string {
  return `${record}\n${email}\n${phone}`;
}
