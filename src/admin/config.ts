/** Where operators connect. */
export interface AdminConfig {
  readonly host: string;
  readonly port: number;
}

export const ADMIN_SCHEMA = {
  type: 'object',
  description: 'Health, readiness and metrics. Without authentication: keep it on a private address.',
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
  },
} as const;
