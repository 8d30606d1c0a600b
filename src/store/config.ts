/** The section `store`. */
export const STORE_SCHEMA = {
  description: 'Where Privet keeps what must survive a restart: audit events that wait to be shipped.',
  type: 'object',
  additionalProperties: false,
  required: ['embedded'],
  properties: {
    embedded: {
      description:
        'Directory of the embedded store, relative to this file. Created with mode 0700; one running Privet a directory.',
      type: 'string',
      minLength: 1,
      default: './data',
    },
    // A store that several instances share: named so that whoever asks for it hears that it is not there.
    redis: { not: {} },
  },
  default: { embedded: './data' },
} as const;

export interface StoreConfig {
  readonly embedded: string;
}
