/** The section `store`. */
export const STORE_SCHEMA = {
  description: 'Where Privet keeps what must survive a restart: audit events that wait to be shipped.',
  type: 'object',
  additionalProperties: false,
  required: ['embedded'],
  properties: {
    embedded: {
      description:
        'Directory of the embedded store, relative to this file. Created with mode 0700; one running Privet a directory. A shared Redis store ({ redis: url }) is not available in this release.',
      type: 'string',
      minLength: 1,
      default: './data',
    },
  },
  default: { embedded: './data' },
} as const;

export interface StoreConfig {
  readonly embedded: string;
}
