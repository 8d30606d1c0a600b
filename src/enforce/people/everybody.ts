import type { ConsentState, Standing } from '../../model/consent.ts';
import type { DataSubjectKeys } from '../../model/data-subject.ts';
import type { ConsentAccess } from './consent-access.ts';

/** A person a record is about, and the others. */
interface Together extends DataSubjectKeys {
  readonly others?: readonly Together[];
}

/**
 * The standings of records, each about one or more people: with several, what the record is about together. One
 * look-up.
 * @throws PrivetError CONSENT_UNAVAILABLE
 */
export async function jointStandings(
  people: readonly Together[],
  consent: ConsentAccess,
): Promise<readonly Standing[]> {
  if (people.every(({ others }) => others === undefined)) return consent.standings(people);
  const everybody = people.map((who) => {
    const known = knownIn(who);
    return known.length === 0 ? [who] : known;
  });
  const standings = await consent.standings(everybody.flat());
  let next = 0;
  return everybody.map(({ length }) => {
    const own = standings.slice(next, next + length);
    next += length;
    return jointStanding(own);
  });
}

/** Everybody of whom something is known. */
function knownIn(who: Together): readonly Together[] {
  const { record, email, phone, also, others = [] } = who;
  const isKnown = [record, email, phone, also].some((key) => key !== undefined);
  return [...(isKnown ? [who] : []), ...others.flatMap(knownIn)];
}

/** From what permits least. */
const STATES: readonly ConsentState[] = ['objected', 'withdrawn', 'unknown', 'granted'];

/** Where several people stand together: restricted if one of them is, and agreed only if all of them have. */
export function jointStanding(all: readonly Standing[]): Standing {
  const [first, ...more] = all;
  if (first !== undefined && more.length === 0) return first;
  return {
    restricted: all.some(({ restricted }) => restricted),
    consent: (purpose) => {
      const said = all.map(({ consent }) => consent(purpose));
      const least = STATES.flatMap((state) => said.find((one) => one.state === state) ?? []);
      return least[0] ?? { state: 'unknown' };
    },
  };
}
