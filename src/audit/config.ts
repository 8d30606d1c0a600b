/** The section `audit`. */
export const AUDIT_SCHEMA = {
  description: 'Where audit events go. They are always written to the embedded store first.',
  type: 'object',
  additionalProperties: false,
  properties: {
    redis: {
      description:
        'A Redis stream that takes the events. Left out: they stay in the embedded store, up to limits.spoolBytesMax.',
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: {
          description:
            'redis:// or rediss:// (TLS, verified), with user and password in it where Redis wants them.',
          type: 'string',
          pattern: '^rediss?://.',
          title: 'a URL such as redis://127.0.0.1:6379',
          examples: ['redis://127.0.0.1:6379'],
        },
        stream: {
          description: 'Key of the stream. Privet only adds to it and never trims it.',
          type: 'string',
          minLength: 1,
          default: 'privet:audit',
        },
      },
    },
  },
  default: {},
} as const;

export interface RedisStreamConfig {
  /** May hold a password: never printed. */
  readonly url: string;
  readonly stream: string;
}

export interface AuditConfig {
  readonly redis?: RedisStreamConfig;
}
