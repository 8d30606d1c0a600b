import type { Standing } from '../../model/consent.ts';
import type { askTold, ToldPerson } from '../people/told-person.ts';

/** Looks up the standings of an answer's data subjects, a window at a time. */
export interface Standings {
  /** Notes a person to look up. */
  readonly want: (who: ToldPerson, asked: AskedStanding) => void;
  readonly isWaiting: () => boolean;
  /** Looks up all noted people at once; undefined when there are none. */
  readonly fetch: () => Promise<void> | undefined;
}

/** Receives a person's standing. */
export interface AskedStanding {
  /** Set once it has been fetched. */
  standing: Standing | undefined;
}

export function createStandings(consent: ReturnType<typeof askTold>): Standings {
  let people: ToldPerson[] = [];
  let noted: AskedStanding[] = [];
  return {
    want: (who, asked) => {
      people.push(who);
      noted.push(asked);
    },
    isWaiting: () => noted.length > 0,
    fetch: () => {
      if (noted.length === 0) return undefined;
      const window = { people, noted };
      people = [];
      noted = [];
      return ask(window);
    },
  };

  async function ask(window: {
    readonly people: readonly ToldPerson[];
    readonly noted: readonly AskedStanding[];
  }): Promise<void> {
    const found = await consent.standings(window.people);
    for (const [index, asked] of window.noted.entries()) asked.standing = found[index];
  }
}
