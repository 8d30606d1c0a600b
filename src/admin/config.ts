/** What a key of the admin API may do. */
const ADMIN_RIGHTS = ['consent.read', 'consent.write', 'unsubscribe.links'] as const;
export type AdminRight = (typeof ADMIN_RIGHTS)[number];

export interface AdminKey {
  /** Stands in the audit trail. */
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly sha256: string;
  readonly may: readonly AdminRight[];
}

/** Where operators connect. */
export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  /** Who may use the API; without any there is none. */
  readonly keys: readonly AdminKey[];
}

export const ADMIN_SCHEMA = {
  type: 'object',
  description:
    'Health, readiness and metrics, without authentication: keep it on a private address. With keys, the API too.',
  additionalProperties: false,
  default: {},
  properties: {
    host: { type: 'string', minLength: 1, default: '127.0.0.1', description: 'Address to listen on.' },
    port: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 8081,
      description: 'Port to listen on; 0 for any free one.',
    },
    keys: {
      type: 'array',
      default: [],
      description:
        'Keys for the API, by their hash. Make them of 32 random bytes: the hash of a guessable key can be reversed. Without any there is no API.',
      items: {
        type: 'object',
        description: 'One key and what it may do.',
        additionalProperties: false,
        required: ['id', 'sha256', 'may'],
        properties: {
          id: { type: 'string', minLength: 1, description: 'Name of the key in the audit trail.' },
          sha256: {
            type: 'string',
            pattern: '^[0-9a-fA-F]{64}$',
            title: 'the 64 hexadecimal digits of a SHA-256',
            description: 'SHA-256 of the key, 64 hexadecimal digits.',
          },
          may: {
            type: 'array',
            minItems: 1,
            items: { enum: ADMIN_RIGHTS },
            description: 'What it may do: consent.read, consent.write, unsubscribe.links.',
          },
        },
      },
      examples: [
        [
          {
            id: 'website',
            sha256: '0000000000000000000000000000000000000000000000000000000000000000',
            may: ['consent.read', 'consent.write', 'unsubscribe.links'],
          },
        ],
      ],
    },
  },
} as const;
