import { PURPOSE } from '../written/written-event.ts';

/** The section `unsubscribe`. */
export interface UnsubscribeConfig {
  /** Where people reach the proxy's listener: https, with a path where something in front of it takes one off. */
  readonly publicUrl: string;
  /** Purpose → what it is called on the page. */
  readonly purposes: Readonly<Record<string, string>>;
  readonly validDays: number;
}

export const UNSUBSCRIBE_SCHEMA = {
  type: 'object',
  description:
    'An endpoint on the proxy’s listener by which people unsubscribe, without a login, by links that the admin API makes. Left out: there is none.',
  additionalProperties: false,
  required: ['publicUrl', 'purposes'],
  properties: {
    publicUrl: {
      type: 'string',
      pattern: '^https://[^\\s/?#]+(/[^\\s?#]*)?$|^http://(127\\.0\\.0\\.1|localhost)(:\\d+)?/?$',
      title: 'an https URL without a query',
      description: 'Where people reach the listener: what the links begin with.',
      examples: ['https://privacy.acme.example'],
    },
    purposes: {
      type: 'object',
      description: 'Purposes that links may be for, and what each is called on the page.',
      minProperties: 1,
      propertyNames: { pattern: PURPOSE.source, title: 'a purpose: dotted lower-case words' },
      additionalProperties: { type: 'string', minLength: 1, maxLength: 200 },
      examples: [{ 'marketing.email': 'Our newsletter' }],
    },
    validDays: {
      type: 'integer',
      minimum: 1,
      maximum: 3_650,
      default: 400,
      description: 'Days until a link expires. Letters are kept; laws ask for a month at least.',
    },
  },
} as const;
