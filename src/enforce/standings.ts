import type { Standing } from '../model/consent.ts';
import type { askTold, ToldPerson } from './told-person.ts';

/** Where the data subjects of an answer stand, a window at a time. */
export interface Standings {
  /** Notes somebody who has to be asked about. */
  readonly want: (asked: AskedStanding) => void;
  readonly isWaiting: () => boolean;
  /** Asks about all who were noted, in one go; undefined when there is nobody. */
  readonly fetch: () => Promise<void> | undefined;
}

export interface AskedStanding {
  readonly who: ToldPerson;
  /** Set once it has been fetched. */
  standing: Standing | undefined;
}

export function createStandings(consent: ReturnType<typeof askTold>): Standings {
  let noted: AskedStanding[] = [];
  return {
    want: (asked) => void noted.push(asked),
    isWaiting: () => noted.length > 0,
    fetch: () => {
      if (noted.length === 0) return undefined;
      const window = noted;
      noted = [];
      return ask(window);
    },
  };

  async function ask(window: readonly AskedStanding[]): Promise<void> {
    const found = await consent.standings(window.map(({ who }) => who));
    for (const [index, asked] of window.entries()) asked.standing = found[index];
  }
}
