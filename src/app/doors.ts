/** One door for every CRM of the configuration. */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { systemClock } from '../clock.ts';
import { PrivetError } from '../errors.ts';
import { createIdentifier } from '../identity/identifier.ts';
import type { LoginWatch } from '../identity/login/login-watch.ts';
import { type Door, entranceOf, publicBaseOf } from '../proxy/door.ts';
import { createLinks } from '../proxy/wire/links.ts';
import { createLookUp, lookUpAt } from '../proxy/wire/look-up.ts';
import { createUpstream } from '../proxy/wire/upstream.ts';
import { createKeyedHash } from '../vault/keys/keyed-hash.ts';
import type { Keyring } from '../vault/keys/keyring.ts';
import type { Plan } from './plan.ts';

interface Doors {
  readonly doors: readonly Door[];
  readonly closeDoors: () => Promise<void>;
}

interface DoorTools {
  readonly keyring: Keyring;
  readonly watch: LoginWatch;
  readonly log: Logger;
}

export function openDoors({ config, adapters }: Plan, { keyring, watch, log }: DoorTools): Doors {
  const { limits } = config;
  const lookUp = createLookUp(limits);
  const keyedHash = createKeyedHash(keyring.derive('credential cache'), {
    cacheMax: limits.principalCacheMax,
  });
  const doors = config.upstreams.map((own): Door => {
    const adapter = adapters.get(own.name);
    if (adapter === undefined) throw new PrivetError('INTERNAL', `Upstream ${own.name} has no adapter.`);
    const tls = own.tls === undefined ? {} : { tls: { ca: readFileSync(own.tls.ca, 'utf8') } };
    const upstream = createUpstream({ name: own.name, url: own.url, limits, ...tls });
    const { whoAmI } = adapter;
    const identifier = createIdentifier(config.identity, {
      clock: systemClock,
      limits,
      keyedHash,
      lookUp,
      watch,
      upstreamName: own.name,
      ...(adapter.userId === undefined ? {} : { crmUserId: adapter.userId }),
      ...(whoAmI === undefined ? {} : { crm: { whoAmI, lookUp: lookUpAt(upstream, limits) } }),
      warn: (problem) => log.warn({ upstream: own.name }, problem),
    });
    return {
      name: own.name,
      adapter,
      upstream,
      identifier,
      ...entranceOf(own.match),
      publicBase: publicBaseOf(own.publicUrl),
      bearer: own.credentials === 'passthrough' ? undefined : own.credentials.bearer,
      links: createLinks(own.url, adapter.publicHosts),
      varyOn: [...new Set(['authorization', ...identifier.credentialHeaders])],
    };
  });
  // By now no request waits for an answer.
  const closeDoors = async (): Promise<void> => {
    await Promise.all([lookUp.close(), ...doors.map(({ upstream }) => upstream.destroy())]);
  };
  return { doors, closeDoors };
}
