import { isSupportedCountry } from 'libphonenumber-js';

/** The section `consent`. */
export interface ConsentConfig {
  /** ISO 3166-1 alpha-2. */
  readonly phoneRegion?: string;
}

export const CONSENT_SCHEMA = {
  type: 'object',
  description: 'The consent registry: what people have agreed and objected to.',
  additionalProperties: false,
  default: {},
  properties: {
    phoneRegion: {
      description:
        'Country of telephone numbers that do not say theirs (ISO 3166-1, such as ES). Left out: such numbers identify nobody.',
      type: 'string',
      pattern: '^[A-Z]{2}$',
      title: 'a country code of two capitals, such as ES',
      examples: ['ES'],
    },
  },
} as const;

/** What the schema cannot say about the section: the path of the mistake and the message. */
export function consentContradictions({ phoneRegion }: ConsentConfig): readonly {
  readonly path: readonly string[];
  readonly message: string;
}[] {
  if (phoneRegion === undefined || isSupportedCountry(phoneRegion)) return [];
  return [
    { path: ['consent', 'phoneRegion'], message: 'found no country of that code, expected one such as ES' },
  ];
}
