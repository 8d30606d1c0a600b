import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { KeysConfig } from '../vault/config.ts';
import { createKekFile } from '../vault/keys/kek.ts';
import { localKeyWrapper } from '../vault/keys/key-wrapper.ts';
import { createKeyring, type Keyring, type KeyringLocation, openKeyring } from '../vault/keys/keyring.ts';

/**
 * Opens the keyring. Without a keys section, the first start makes a ring and a key beside the store, and logs once
 * where they are: without them nothing that they sealed can be opened.
 */
export async function openConfiguredKeyring(config: Config, log: Logger): Promise<Keyring> {
  const place = ringPlace(config);
  if (config.keys === undefined && !existsSync(place.ring)) {
    const kek = join(config.store.embedded, 'kek');
    createKekFile(kek);
    await createKeyring(place);
    log.warn(
      { ring: place.ring, kek },
      'a keyring and its key were made: back up both, apart from each other',
    );
  }
  return openKeyring(place);
}

/** The place of the ring and its key: as configured, or beside the store. */
export function ringPlace({ keys, store }: Pick<Config, 'keys' | 'store'>): KeysConfig & KeyringLocation {
  const place = keys ?? {
    ring: join(store.embedded, 'ring.json'),
    kek: { file: join(store.embedded, 'kek') },
  };
  return { ...place, wrapper: localKeyWrapper(place.kek) };
}
