import type { KekSource } from './keys/kek.ts';

/** Section `keys`: where the keyring is, and the key-encryption key that opens it. */
export interface KeysConfig {
  /** Path of the ring file, relative to the configuration file. */
  readonly ring: string;
  readonly kek: KekSource;
}

export const KEYS_SCHEMA = {
  type: 'object',
  description: 'The keyring, and the key-encryption key that opens it. Back up both, apart from each other.',
  additionalProperties: false,
  required: ['ring', 'kek'],
  properties: {
    ring: {
      type: 'string',
      minLength: 1,
      description: 'Path of the ring file (mode 0600), relative to this file.',
      examples: ['./keys/ring.json'],
    },
    kek: {
      description:
        'The key-encryption key: 32 random bytes in base64 or hex, from an environment variable or a file.',
      oneOf: [
        {
          type: 'object',
          description: 'From an environment variable.',
          additionalProperties: false,
          required: ['env'],
          properties: {
            env: { type: 'string', minLength: 1, description: 'Name of the environment variable.' },
          },
        },
        {
          type: 'object',
          description: 'From a file.',
          additionalProperties: false,
          required: ['file'],
          properties: {
            file: {
              type: 'string',
              minLength: 1,
              description: 'Path of the file, such as a mounted secret.',
            },
          },
        },
      ],
      examples: [{ env: 'PRIVET_KEK' }, { file: '/run/secrets/privet-kek' }],
    },
  },
} as const;
