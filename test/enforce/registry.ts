import type { ConsentRegistry } from '../../src/consent/registry.ts';
import type { ConsentEvent, ConsentState, Standing } from '../../src/model/consent.ts';
import type { DataSubjectKeys } from '../../src/model/data-subject.ts';

/** What one person has said, by purpose. */
export interface Said {
  readonly who: DataSubjectKeys;
  readonly restricted?: boolean;
  readonly consent?: Readonly<Record<string, ConsentState>>;
  /** Who said so; `import` when it is left out. */
  readonly source?: string;
}

export interface RegistryFixture extends ConsentRegistry {
  /** The people each call asked about. */
  readonly asked: (readonly DataSubjectKeys[])[];
  readonly appended: ConsentEvent[];
  /** Everything after this fails with it. */
  failWith: (error: Error | undefined) => void;
}

/** A registry in memory: whoever shares an identifier is the same person, and of two things said the stricter holds. */
export function registryOf(said: readonly Said[]): RegistryFixture {
  const asked: (readonly DataSubjectKeys[])[] = [];
  const appended: ConsentEvent[] = [];
  let failure: Error | undefined;
  return {
    asked,
    appended,
    failWith: (error) => {
      failure = error;
    },
    standings: async (people) => {
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      asked.push(people);
      return people.map((who) => standingOf(said.filter((one) => isSame(one.who, who))));
    },
    append: (events) => {
      appended.push(...events);
      return Promise.resolve({ appended: events.length, outcomes: events.map(() => 'appended' as const) });
    },
    history: () => Promise.resolve([]),
    anyRestricted: () => said.some(({ restricted }) => restricted === true),
  };
}

const STRICTEST: readonly ConsentState[] = ['objected', 'withdrawn', 'granted'];

function standingOf(said: readonly Said[]): Standing {
  return {
    restricted: said.some(({ restricted }) => restricted === true),
    consent: (purpose) => {
      const states = said.map(({ consent }) => consent?.[purpose]);
      const state = STRICTEST.find((one) => states.includes(one));
      const source = said.find(({ consent }) => consent?.[purpose] === state)?.source ?? 'import';
      return state === undefined ? { state: 'unknown' } : { state, at: 1, source };
    },
  };
}

function isSame(one: DataSubjectKeys, other: DataSubjectKeys): boolean {
  return (['record', 'email', 'phone'] as const).some((key) =>
    valuesOf(one, key).some((value) => valuesOf(other, key).includes(value)),
  );
}

function valuesOf(who: DataSubjectKeys, key: 'record' | 'email' | 'phone'): readonly string[] {
  const further = (who.also ?? []).flatMap((one): string[] => (key in one ? Object.values(one) : []));
  return [who[key], ...further].filter((value) => value !== undefined);
}
