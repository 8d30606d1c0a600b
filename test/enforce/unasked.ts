import type { Disclosure } from '../../src/enforce/answer/disclosure.ts';
import { createObservations } from '../../src/enforce/answer/observations.ts';
import { createStandings } from '../../src/enforce/answer/standings.ts';
import { guardConsent } from '../../src/enforce/people/consent-access.ts';
import { createNaming } from '../../src/enforce/people/person.ts';
import { createToldPeople } from '../../src/enforce/people/told-people.ts';

type Unasked = Pick<
  Disclosure,
  'revealing' | 'standings' | 'naming' | 'people' | 'observations' | 'refuses' | 'counts' | 'jsonTexts'
>;

/** What a disclosure has where nothing is asked of the vault or of the registry, and no text is JSON. */
export const UNASKED: Unasked = {
  revealing: {
    want: () => undefined,
    isWaiting: () => false,
    fetch: () => undefined,
  },
  standings: createStandings(guardConsent(undefined)),
  naming: createNaming({ name: 'salesforce', object: (name) => name }, 'crm'),
  people: createToldPeople(0)('crm'),
  observations: createObservations(
    { observe: () => undefined, lately: () => ({ has: () => true, version: () => 0 }) },
    Date.now,
  ),
  refuses: true,
  counts: undefined,
  jsonTexts: { shown: (text) => text },
};
