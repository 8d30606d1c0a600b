import { PrivetError } from '../../errors.ts';
import { type KekSource, readKek } from './kek.ts';
import { seal, unseal } from './sealed.ts';

/**
 * Wraps the keys of a ring by a key-encryption key that it alone can use. A key management service fills this contract
 * with its own encrypt and decrypt calls, `boundTo` being their encryption context; its key never comes here.
 */
export interface KeyWrapper {
  /** Names the key-encryption key in messages: where it is, never what it is. */
  readonly name: string;
  readonly wrap: (key: Buffer, boundTo: readonly (string | number)[]) => Promise<Buffer>;
  /** @throws PrivetError KEYRING_UNUSABLE when it was not wrapped by this key and for this context */
  readonly unwrap: (wrapped: Buffer, boundTo: readonly (string | number)[]) => Promise<Buffer>;
}

/**
 * A key-encryption key from a file or the environment, AES-256-GCM. It is read for every use and wiped after it, so
 * that no copy stays in memory.
 */
export function localKeyWrapper(source: KekSource, env: NodeJS.ProcessEnv = process.env): KeyWrapper {
  const name = 'file' in source ? `file ${source.file}` : `environment variable ${source.env}`;
  function withKek<Result>(use: (kek: Buffer) => Result): Promise<Result> {
    return new Promise((resolve) => {
      const kek = readKek(source, env);
      try {
        resolve(use(kek));
      } finally {
        kek.fill(0);
      }
    });
  }
  return {
    name,
    wrap: (key, boundTo) => withKek((kek) => seal(kek, key, boundTo)),
    unwrap: (wrapped, boundTo) =>
      withKek((kek) => {
        const key = unseal(kek, wrapped, boundTo);
        if (key === undefined) {
          throw new PrivetError('KEYRING_UNUSABLE', `The key in ${name} does not open what it should.`);
        }
        return key;
      }),
  };
}
