import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { ConsentReading } from '../consent/look-up.ts';
import type { ConsentRegistryOptions } from '../consent/open-registry.ts';
import { createIdentify } from '../consent/person/identifier.ts';
import type { EventReading } from '../consent/written/written-event.ts';
import { createRecordResolver } from '../crm/record-name.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import type { ReadableStore } from '../store/store.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keys/keyring.ts';
import type { Adapters } from './adapters.ts';

/** How the registry is opened over the store that the configuration names. */
export function consentOptions(
  { consent, store, limits }: Config,
  keyring: Pick<Keyring, 'derive'>,
): Omit<ConsentRegistryOptions, 'store'> {
  // The first version, for ever: events must always be found under the same identifiers.
  const keyOf = (kind: string): Buffer => keyring.derive(`consent ${kind}`, FIRST_VERSION);
  return {
    isShared: store.redis !== undefined,
    keys: { record: keyOf('record'), email: keyOf('email'), phone: keyOf('phone') },
    ...consent,
    clock: systemClock,
    limits,
  };
}

/** The same for reading while another process writes. */
export function consentReading(
  config: Config,
  keyring: Pick<Keyring, 'derive'>,
  store: ReadableStore,
): ConsentReading {
  const { keys, clock, limits, phoneRegion } = consentOptions(config, keyring);
  const region = phoneRegion === undefined ? {} : { phoneRegion };
  const identify = createIdentify({ keys, cacheMax: limits.keyedHashCacheMax, ...region });
  return { store, identify, clock };
}

/**
 * How to read events that people and programs write.
 * @param policies the snapshot in force: it says which objects are people, and which purposes there are
 * @param source where an event names none
 */
export function eventReading(
  { config, adapters }: { readonly config: Config; readonly adapters: Adapters },
  policies: () => PolicySnapshot,
  source: string,
): EventReading {
  let resolver: ReturnType<typeof createRecordResolver> | undefined;
  let of: PolicySnapshot | undefined;
  return {
    resolve: (written) => {
      const snapshot = policies();
      if (resolver === undefined || of !== snapshot) resolver = resolverOf(adapters, snapshot);
      of = snapshot;
      return resolver(written);
    },
    purposes: () => {
      const { purposes } = policies().declared;
      return purposes && [...purposes.keys()];
    },
    ...config.consent,
    source,
    clock: systemClock,
    clockToleranceMs: config.limits.clockToleranceMs,
  };
}

function resolverOf(adapters: Adapters, { crms }: PolicySnapshot): ReturnType<typeof createRecordResolver> {
  return createRecordResolver(
    Array.from(adapters, ([name, adapter]) => {
      const objects = [...(crms.get(adapter.name)?.objects.values() ?? [])];
      const people = objects.filter(({ dataSubjectId }) => dataSubjectId !== undefined);
      return { name, adapter, people: people.map((object) => object.name) };
    }),
  );
}
