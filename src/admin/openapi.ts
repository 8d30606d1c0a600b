import { PURPOSE, PURPOSE_LENGTH_MAX, STATES, WORDS_LENGTH_MAX } from '../consent/written/written-event.ts';
import { API_ERRORS } from './api-error.ts';

const text = (description: string) => ({ type: 'string', description }) as const;
const time = (description: string) => ({ type: 'string', format: 'date-time', description }) as const;
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` }) as const;
const json = (schema: object) => ({ 'application/json': { schema } }) as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const closed = (properties: object, required: readonly string[]) =>
  ({ type: 'object', additionalProperties: false, properties, required }) as const;

const purpose = {
  type: 'string',
  pattern: PURPOSE.source,
  maxLength: PURPOSE_LENGTH_MAX,
  description: 'Dotted lower-case words, such as marketing.email. Left out: everything.',
} as const;
const words = (description: string) =>
  ({ type: 'string', maxLength: WORDS_LENGTH_MAX, description }) as const;
const person = {
  id: text('`[upstream:][object:]id`; what has only one possibility is filled in.'),
  email: text('E-mail address; case makes no difference.'),
  phone: text('Telephone number, with its country or of consent.phoneRegion.'),
} as const;
const named = {
  anyOf: [{ required: ['id'] }, { required: ['email'] }, { required: ['phone'] }],
} as const;
const problems = listOf({ type: 'string' });

const schemas = {
  Person: { ...closed(person, []), ...named, description: 'How one person is known.' },
  Event: {
    ...closed(
      {
        ...person,
        purpose,
        state: { type: 'string', enum: STATES, description: 'What was said.' },
        at: {
          type: 'string',
          description: 'When it was said: RFC 3339, or a date for its first moment in UTC.',
        },
        source: words('Where it was said. Left out: api.'),
        basis: words('Lawful basis (GDPR Art. 6).'),
        until: text('When it ends by itself: RFC 3339, or a date for the end of that day in UTC.'),
      },
      ['state', 'at'],
    ),
    ...named,
  },
  Appended: closed(
    {
      appended: { type: 'integer', description: 'Events that are on record now and were not before.' },
      known: { type: 'integer', description: 'Events that were on record already.' },
      refused: { type: 'integer', description: 'Events that were not taken.' },
      results: listOf({
        oneOf: [
          closed(
            {
              outcome: {
                enum: ['appended', 'known', 'apart'],
                description:
                  'apart: kept for each of id, email and phone by itself, since together they would make one person of too many.',
              },
            },
            ['outcome'],
          ),
          closed({ outcome: { const: 'refused' }, problems }, ['outcome', 'problems']),
        ],
      }),
    },
    ['appended', 'known', 'refused', 'results'],
  ),
  Known: closed(
    {
      known: { type: 'boolean', description: 'Something is on record.' },
      restricted: { type: 'boolean', description: 'Processing is restricted (GDPR Art. 18).' },
      consents: {
        description: 'Of every declared purpose, and of every other one that was spoken of.',
        ...listOf(
          closed(
            {
              purpose,
              state: { enum: ['granted', 'withdrawn', 'objected', 'unknown'] },
              at: time('Since when.'),
              source: text('Who said so.'),
            },
            ['purpose', 'state'],
          ),
        ),
      },
      history: listOf(
        closed(
          {
            purpose,
            state: { enum: STATES },
            at: time('When it was said.'),
            source: text('Where it was said.'),
            basis: text('Lawful basis.'),
            until: time('When it ends by itself.'),
          },
          ['state', 'at', 'source'],
        ),
      ),
    },
    ['known', 'restricted', 'consents', 'history'],
  ),
  LinkOrder: {
    ...closed(
      { ...person, purpose, state: { enum: ['withdrawn', 'objected'], description: 'Left out: withdrawn.' } },
      ['purpose'],
    ),
    ...named,
  },
  Links: closed(
    {
      links: listOf({
        oneOf: [
          closed(
            {
              url: text('What the letter links to.'),
              expires: time('When it stops working.'),
              headers: {
                ...closed(
                  { 'List-Unsubscribe': { type: 'string' }, 'List-Unsubscribe-Post': { type: 'string' } },
                  ['List-Unsubscribe', 'List-Unsubscribe-Post'],
                ),
                description: 'Headers of the letter (RFC 2369, RFC 8058); DKIM must cover both.',
              },
            },
            ['url', 'expires', 'headers'],
          ),
          closed({ problems }, ['problems']),
        ],
      }),
    },
    ['links'],
  ),
  Error: closed(
    {
      error: closed(
        {
          code: text(`${Object.keys(API_ERRORS).join(', ')}, or one of Privet's own.`),
          message: text('What is wrong, in words that repeat nothing of the request.'),
        },
        ['code', 'message'],
      ),
    },
    ['error'],
  ),
} as const;

function operation(summary: string, may: string, body: object, answer: string): object {
  return {
    post: {
      summary,
      description: `The key needs \`${may}\`.`,
      requestBody: { required: true, content: json(body) },
      responses: {
        200: { description: 'Done.', content: json(reference(answer)) },
        default: { description: 'Not done.', content: json(reference('Error')) },
      },
    },
  };
}

/** The API in the terms of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html). */
export const API_DESCRIPTION = {
  openapi: '3.1.1',
  info: {
    title: 'Privet',
    version: '1',
    description: 'The admin API of Privet. Personal values stand in bodies alone, never in a URL.',
  },
  security: [{ key: [] }],
  paths: {
    '/api/openapi.json': {
      get: {
        summary: 'This description.',
        responses: { 200: { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) } },
      },
    },
    '/api/consent/events': operation(
      'Appends events to the histories of people. Events that are on record already are not appended again.',
      'consent.write',
      listOf(reference('Event')),
      'Appended',
    ),
    '/api/consent/look-up': operation(
      'What is known of a person.',
      'consent.read',
      reference('Person'),
      'Known',
    ),
    '/api/consent/unsubscribe-links': operation(
      'Makes signed links by which people unsubscribe. Only where the configuration has a section `unsubscribe`.',
      'unsubscribe.links',
      listOf(reference('LinkOrder')),
      'Links',
    ),
  },
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of admin.keys.' } },
    schemas,
  },
} as const;
