import { OPERATION_KINDS } from '../../model/operation.ts';

const POINTER = {
  type: 'string',
  pattern: '^(/(?!(\\d+|-)(/|$))([^/~]|~[01])+)*$',
  title: 'a JSON pointer such as /items/*, with * for every item of a list and no positions',
  description:
    'JSON pointer; `*` stands for every item of a list, and the empty text for the whole document.',
} as const;
const POINTER_TO_ONE = {
  ...POINTER,
  pattern: '^(/(?!(\\d+|-|\\*)(/|$))([^/~]|~[01])+)*$',
  title: 'a JSON pointer to one value in a record, such as /meta/id',
} as const;
const POINTERS = { type: 'array', items: POINTER } as const;
const POSITION = {
  enum: ['select', 'filter', 'sort', 'group', 'lookup', 'search'],
  description: 'What naming a field there does.',
} as const;
const NAME = { type: 'string', pattern: '^[^{}]+$', title: 'a name without braces' } as const;
const REPEATS = { const: true, description: 'It may stand several times.' } as const;

const DOCUMENT = {
  type: 'object',
  additionalProperties: false,
  description:
    'Where everything stands in a JSON document. What is not named counts as text of the CRM, and is scanned.',
  properties: {
    records: { ...POINTER, description: 'Where the records stand, e.g. `/items/*`.' },
    object: {
      ...NAME,
      description: 'Object of these records; left out: the object of the operation.',
    },
    type: { ...POINTER_TO_ONE, description: 'Within a record, where it says its own object.' },
    id: { ...POINTER_TO_ONE, description: 'Within a record, where its id stands, if not in a field.' },
    fields: {
      ...POINTER_TO_ONE,
      description: 'Within a record, the object that holds its fields; left out: the record itself.',
    },
    plain: { ...POINTERS, description: 'Within a record, what is no field and holds nothing personal.' },
    related: {
      type: 'object',
      additionalProperties: NAME,
      description: 'Within a record, where records of other objects stand: pointer → object.',
    },
    counts: { ...POINTERS, description: 'Numbers of records.' },
    urls: { ...POINTERS, description: 'Absolute URLs of the CRM.' },
    ignored: { ...POINTERS, description: 'What holds nothing personal outside records.' },
  },
} as const;

const OPERATION = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'method', 'path', 'kind', 'answer'],
  properties: {
    name: { type: 'string', pattern: '^[a-z][a-z0-9-]*$', description: 'Name in metrics and audit events.' },
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], description: 'HTTP method.' },
    path: {
      type: 'string',
      pattern: '^(/(?!\\.{1,2}(/|$))([^/?#%;{}]+|\\{\\w+\\}))+/?$',
      title: 'a path such as /customers/{id}, decoded, whose segments are either words or names in braces',
      description:
        'Path; `{name}` holds one segment, `{version}` one that looks like `version`. With a slash at its end, the CRM is asked with one.',
    },
    kind: { enum: OPERATION_KINDS, description: 'What it does, in the words of policies.' },
    object: {
      ...NAME,
      pattern: '^([^{}]+|\\{\\w+\\})$',
      title: 'a name, or a segment of the path in braces such as {object}',
      description: 'Object it touches, or the `{name}` of a segment that says it.',
    },
    id: { type: 'string', description: 'Name of the segment that holds the record id.' },
    lookup: { type: 'string', description: 'Field whose value a segment of the path holds.' },
    select: { type: 'string', description: 'Query parameter that lists the fields of the answer.' },
    parameters: {
      type: 'object',
      description: 'Query parameters; a request with another one is an unknown operation.',
      additionalProperties: {
        oneOf: [
          { const: 'harmless' },
          {
            type: 'object',
            additionalProperties: false,
            required: ['repeats'],
            properties: { repeats: REPEATS },
            description: 'Harmless, and may stand several times.',
          },
          {
            type: 'object',
            additionalProperties: false,
            required: ['lists'],
            properties: { lists: POSITION, repeats: REPEATS },
            description: 'Lists field names, separated by commas.',
          },
          {
            type: 'object',
            additionalProperties: false,
            required: ['field', 'position'],
            properties: { field: { type: 'string' }, position: POSITION, repeats: REPEATS },
            description: 'Holds a value of a field.',
          },
        ],
      },
    },
    body: {
      ...DOCUMENT,
      description:
        'The JSON body. Beside the fields of records it may hold only what is named here. Left out: a request with a body is refused, except for logins and files.',
    },
    answer: {
      oneOf: [
        DOCUMENT,
        { const: 'plain', description: 'Holds nothing personal.' },
        { const: 'csv', description: 'CSV whose header names the fields.' },
        { const: 'opaque', description: 'Cannot be inspected: only for those who may see everything.' },
      ],
    },
  },
} as const;

/** JSON schema of a CRM that a company declares itself. */
export const DESCRIPTOR_SCHEMA = {
  $id: 'https://privet.example/schema/crm.schema.json',
  type: 'object',
  additionalProperties: false,
  required: ['crm', 'denial', 'operations'],
  properties: {
    crm: {
      type: 'string',
      pattern: '^[a-z][a-z0-9-]*$',
      description: 'Name of the CRM, as upstreams and data maps use it.',
    },
    namesIgnoreCase: {
      type: 'boolean',
      default: false,
      description: 'Field and object names compare without case.',
    },
    pathsIgnoreCase: { type: 'boolean', default: false, description: 'Paths compare without case.' },
    version: { type: 'string', description: 'Pattern of a `{version}` segment.' },
    objects: {
      type: 'object',
      additionalProperties: NAME,
      description:
        'Objects by the names they have in paths; a path with another name is an unknown operation.',
    },
    parameters: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Query parameters that are harmless in every operation.',
    },
    denial: {
      type: 'object',
      additionalProperties: false,
      required: ['body'],
      description: 'How the CRM says no.',
      properties: {
        contentType: {
          type: 'string',
          pattern: '^[\\w.+-]+/[\\w.+-]+(; *[\\w-]+=[\\w.+-]+)*$',
          title: 'a media type such as application/json',
          default: 'application/json',
          description: 'Media type of the body.',
        },
        body: {
          description: 'JSON body; {message}, {policy}, {status} and {requestId} in its texts are filled in.',
        },
      },
    },
    operations: { type: 'array', minItems: 1, items: OPERATION },
  },
} as const;
