import type { Standing } from '../model/consent.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { ConsentAccess } from './consent-access.ts';

/** Where the data subjects of an answer stand, a window at a time. */
export interface Standings {
  /** Notes somebody who has to be asked about. */
  readonly want: (who: DataSubjectKeys) => WantedStanding;
  readonly isWaiting: () => boolean;
  /** Asks about all who were noted, in one go; undefined when there is nobody. */
  readonly fetch: () => Promise<void> | undefined;
}

export interface WantedStanding {
  /** Known once it has been fetched. */
  readonly standing: Standing | undefined;
}

interface Asked {
  readonly who: DataSubjectKeys;
  standing: Standing | undefined;
}

export function createStandings(consent: ConsentAccess): Standings {
  let noted: Asked[] = [];
  return {
    want: (who) => {
      const asked = { who, standing: undefined };
      noted.push(asked);
      return asked;
    },
    isWaiting: () => noted.length > 0,
    fetch: () => {
      if (noted.length === 0) return undefined;
      const window = noted;
      noted = [];
      return ask(window);
    },
  };

  async function ask(window: readonly Asked[]): Promise<void> {
    const found = await consent.standings(window.map(({ who }) => who));
    for (const [index, asked] of window.entries()) asked.standing = found[index];
  }
}
