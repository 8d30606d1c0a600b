import type { Standing } from '../model/consent.ts';
import type { askTold, ToldPerson } from './told-person.ts';

/**
 * Where the data subjects of an answer stand, a window at a time. The gatherer and the discloser come by the same records in the same order,
 * so each record's place in the window says whose standing it is; its mark makes sure of that.
 */
export interface Standings {
  /**
   * Notes the next record, and whom has to be asked about for it.
   * @param mark what the record is told by, which the discloser must find in it again
   * @param who undefined: nobody is asked about
   */
  readonly want: (mark: Mark, who: ToldPerson | undefined) => Wanted;
  readonly isWaiting: () => boolean;
  /** Asks about all who were noted, in one go; undefined when there is nobody. What was asked before is forgotten. */
  readonly fetch: () => Promise<void> | undefined;
  /** Of the next record of those that were noted. Undefined: nobody asked. */
  readonly next: (mark: Mark) => Standing | undefined;
}

export type Mark = string | null | undefined;

/** One record's data subject. */
export interface Wanted {
  readonly mark: Mark;
  readonly who: ToldPerson | undefined;
  /** Known once it has been fetched. */
  readonly standing: Standing | undefined;
}

interface Asked extends Wanted {
  standing: Standing | undefined;
}

export function createStandings(consent: ReturnType<typeof askTold>): Standings {
  let noted: Asked[] = [];
  let isAsking = false;
  let known: readonly Asked[] = [];
  let place = 0;
  return {
    want: (mark, who) => {
      const wanted = { mark, who, standing: undefined };
      noted.push(wanted);
      if (who !== undefined) isAsking = true;
      return wanted;
    },
    isWaiting: () => isAsking,
    fetch: () => {
      known = noted;
      place = 0;
      noted = [];
      if (!isAsking) return undefined;
      isAsking = false;
      return ask(known);
    },
    next: (mark) => {
      const asked = known[place++];
      return asked !== undefined && asked.mark === mark ? asked.standing : undefined;
    },
  };

  async function ask(window: readonly Asked[]): Promise<void> {
    const people: ToldPerson[] = [];
    for (const { who } of window) if (who !== undefined) people.push(who);
    const found = await consent.standings(people);
    let next = 0;
    for (const asked of window) if (asked.who !== undefined) asked.standing = found[next++];
  }
}
