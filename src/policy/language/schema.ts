import { UNTIL } from '../../document/until.ts';
import { OPERATION_KINDS } from '../../model/operation.ts';
import { TOKEN_SHAPES } from '../../model/stored.ts';
import { DETECTORS } from '../../model/treatment.ts';
import { dataMapSchema } from './data-map-schema.ts';
import { levelsSchema, purposeSchema, regionSchema, rolesSchema } from './declaration-schema.ts';
import { category, choose, notYet, record, words } from './schema-parts.ts';

const PRINCIPAL_KEYS = {
  roles: words('Principals that have one of these roles, or one that includes it.'),
  purposes: words('Requests for one of these purposes, or for one below it.'),
  ids: words('These principals by id.'),
  regions: words('Principals of one of these regions.'),
  levels: words('Principals of one of these levels, or of one above it.'),
} as const;

const exception = record('Who it is not for: whoever matches every key given here.', {
  ...PRINCIPAL_KEYS,
  until: {
    ...UNTIL,
    description:
      'When the exception ends by itself: a date, at the end of that day in UTC, or a date-time with its offset.',
  },
});
const EXCEPT = {
  type: ['object', 'array'],
  description: 'Who the policy is not for: one exception, or a list of them.',
  ...choose({ type: 'array' }, { items: exception, minItems: 1 }, exception),
};

/**
 * A treatment with parameters. @param key by which it is told @param values of that key @param parameter the other key
 * that it takes
 */
function treatment(key: string, values: readonly string[], parameter?: string): object {
  const required = parameter === undefined ? [key] : [key, parameter];
  return choose(
    { type: 'object', required: [key], properties: { [key]: { enum: values } } },
    {
      required,
      additionalProperties: false,
      properties: Object.fromEntries(required.map((name) => [name, true])),
    },
    true,
  );
}

const SIMPLE_TREATMENT = {
  enum: ['remove', 'null', 'redact', 'hash', 'token'],
  title:
    'one of remove, null, redact, hash, token, or one with parameters: { mask: … }, { generalize: … }, { scan: … }',
  description:
    'remove: the field is absent. null: it is empty. redact: a fixed text. hash: a keyed digest, the same for the same value. token: what the CRM keeps by a policy with store.',
};

const PARAMETERISED_TREATMENT = {
  description: 'A treatment with parameters.',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    mask: {
      enum: ['email', 'initials', 'keep-first', 'keep-last'],
      description:
        'email: first letter and domain. initials: first letter of each word. keep-first, keep-last: that many characters.',
    },
    generalize: {
      enum: ['month', 'year', 'range', 'prefix'],
      description:
        'month, year: of a date. range: of a number, `size` wide. prefix: the first `keep` characters.',
    },
    scan: {
      type: 'array',
      items: { enum: DETECTORS },
      minItems: 1,
      uniqueItems: true,
      description: 'Redacts what these detectors find inside the text.',
    },
    keep: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: 'How many characters stay readable.',
    },
    size: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Width of a range, such as 10000 for incomes.',
    },
  },
  allOf: [
    choose({ anyOf: [{ type: 'string' }, { required: ['generalize'] }, { required: ['scan'] }] }, true, {
      required: ['mask'],
    }),
    treatment('mask', ['email', 'initials']),
    treatment('mask', ['keep-first', 'keep-last'], 'keep'),
    treatment('generalize', ['month', 'year']),
    treatment('generalize', ['range'], 'size'),
    treatment('generalize', ['prefix'], 'keep'),
  ],
};

const treatmentValue = {
  type: ['string', 'object'],
  description: 'What is shown instead of the value. The least revealing of all policies wins.',
  ...choose({ type: 'string' }, SIMPLE_TREATMENT, PARAMETERISED_TREATMENT),
};

const storedAs = {
  type: 'object',
  description: 'What the CRM keeps instead of the value.',
  required: ['tokenize'],
  additionalProperties: false,
  properties: {
    tokenize: {
      enum: ['deterministic', 'random', 'format-preserving'],
      description:
        'deterministic: one token for equal values, so that they can be found and joined. random: a new token for every write, so that nothing can be joined. format-preserving: deterministic, and of the same shape as the value.',
    },
    as: { enum: TOKEN_SHAPES, description: 'Shape that a format-preserving token keeps.' },
  },
  allOf: [
    choose(
      { required: ['tokenize'], properties: { tokenize: { enum: ['format-preserving'] } } },
      { required: ['tokenize', 'as'] },
      { properties: { tokenize: true }, additionalProperties: false },
    ),
  ],
};

const FIELD_KEYS = {
  type: 'string',
  pattern: '^(?!__proto__$)[A-Za-z0-9_][A-Za-z0-9_.-]*(\\.\\*)?$',
  title: 'a category, a branch such as contact.*, or a field name',
} as const;

const treatments = {
  type: 'object',
  minProperties: 1,
  propertyNames: FIELD_KEYS,
  additionalProperties: treatmentValue,
} as const;

const requireSchema = record(
  'What must be so; otherwise something is taken away.',
  {
    consent: {
      ...category,
      title: 'a purpose in dotted lower-case words, such as marketing.email',
      description: 'Purpose that the person a record is about must have agreed to, to be shown or sent to.',
    },
    unknown: {
      enum: ['allow'],
      description:
        'With consent. allow: whoever has said nothing counts as having agreed. Left out: as not having agreed.',
    },
    authentication: record('How the caller must have logged in: by one of these.', {
      amr: words('Methods in the token’s amr (RFC 8176), such as mfa, otp, hwk.'),
      acr: words('Assurance levels in the token’s acr.'),
    }),
    otherwise: {
      type: ['string', 'object'],
      description:
        'deny: the request is refused (the default of authentication). omit-record: records are left out. Or treatments, as in show.',
      ...choose({ type: 'string' }, { enum: ['deny', 'omit-record'] }, treatments),
    },
  },
  {
    allOf: [
      choose(
        { required: ['authentication'] },
        { properties: { authentication: true, otherwise: true }, additionalProperties: false },
        { required: ['consent', 'otherwise'] },
      ),
    ],
  },
);

/** Pairs, because linters take an object literal with `then` for a promise. */
const limitKeys: readonly (readonly [key: string, schema: object])[] = [
  [
    'records',
    {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      description: 'Distinct records. The same record read again costs nothing.',
    },
  ],
  [
    'per',
    {
      type: 'string',
      pattern: '^[1-9][0-9]{0,6}[smhd]$',
      title: 'a length of time such as 30m, 1h or 7d',
      description: 'Length of the sliding window in seconds, minutes, hours or days; at most 31d.',
    },
  ],
  ['then', { enum: ['deny'], description: 'What happens beyond it: the request is refused.' }],
];

const limitSchema = record(
  'How many distinct records a principal may be shown within a time, however many answers, credentials and Privets they come through.',
  Object.fromEntries(limitKeys),
  { required: ['records', 'per', 'then'] },
);

const policy = record(
  'A policy: what happens to the data. Policies only take away.',
  {
    policy: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9.-]*$',
      title: 'an id in lower-case letters, digits and dashes',
      description: 'Unique id: what audit events, explanations and denials name.',
    },
    description: { type: 'string', description: 'What the policy is for, in a sentence.' },
    for: record(
      'Who the policy is for: every key given must match, by one of its words. Left out: everyone.',
      {
        ...PRINCIPAL_KEYS,
        except: EXCEPT,
      },
    ),
    on: record('What the policy is on. Left out: everything.', {
      objects: words('Object types, wherever their records appear.'),
      operations: {
        type: 'array',
        items: { enum: OPERATION_KINDS },
        minItems: 1,
        uniqueItems: true,
        description: 'Kinds of operation.',
      },
      when: {
        type: 'string',
        description:
          'Condition in CEL over principal and operation, and, for show, rows and require, record. What cannot be decided counts as true: the policy applies.',
      },
    }),
    show: {
      ...treatments,
      description:
        'Category (contact.email), branch of categories (contact.*) or field name → what is shown instead of the value.',
    },
    deny: {
      type: 'string',
      pattern: '\\S',
      title: 'a sentence for the client',
      description: 'Refuses the request with this message.',
    },
    rows: {
      type: 'string',
      description:
        'Condition in CEL over record and principal that a record must meet to be shown, and to be written to. Unknown facts make it false.',
    },
    store: {
      type: 'object',
      description:
        'Category, branch of categories or field name → what the CRM keeps instead of the value. The value itself stays in the vault; `show` says who sees it.',
      minProperties: 1,
      propertyNames: FIELD_KEYS,
      additionalProperties: storedAs,
    },
    require: requireSchema,
    limit: limitSchema,
    retention: notYet('How long a record may be kept.'),
  },
  { required: ['policy'] },
);

/** Kinds of document by the key that tells them apart. A document with none of these keys is a policy. */
const DECLARATIONS = {
  dataMap: dataMapSchema,
  roles: rolesSchema,
  levels: levelsSchema,
  purpose: purposeSchema,
  region: regionSchema,
} as const;

const reference = (kind: string) => ({ $ref: `#/definitions/${kind}` });

const ROOT = {
  type: 'object',
  ...Object.keys(DECLARATIONS).reduceRight<object>(
    (otherwise, kind) =>
      choose({ required: [kind], not: { required: ['policy'] } }, reference(kind), otherwise),
    reference('policy'),
  ),
  definitions: { ...DECLARATIONS, policy },
};

/** JSON schema (draft-07) of a policy document. */
export const POLICY_SCHEMA: object = ROOT;

/** Content of `policies/schema/policies.schema.json`, which gives editors completion and hover text. */
export function policySchemaFile(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Privet data maps and policies',
    description: 'Generated from the schemas in the code. Do not edit.',
    ...ROOT,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
