import { category, choose, field, fieldName, notYet, record } from './schema-parts.ts';

const consent = record(
  'Field that says whether the data subject has agreed.',
  {
    field: field('Field that holds the answer.'),
    granted: { type: ['string', 'number', 'boolean'], description: 'Value of the field that means yes.' },
  },
  { required: ['field', 'granted'] },
);

const further = {
  type: ['string', 'object'],
  description:
    '`email` or `phone`: further addresses or numbers, semicolons between them. Or whose id it is: of an object of a CRM.',
  ...choose(
    { type: 'string' },
    { enum: ['email', 'phone'] },
    record(
      'The field holds the id of another record about the person; several stand between semicolons.',
      {
        crm: { type: 'string', description: 'Name of the CRM, as in upstreams[].crm.' },
        object: { ...field('The object whose ids they are.'), title: 'an object name as the CRM spells it' },
      },
      { required: ['crm', 'object'] },
    ),
  ),
};

/** Says no more than what another data map adds to, or names the people of other records. */
const LEADS_ELSEWHERE = {
  anyOf: [
    { required: ['also'] },
    { required: ['through'], not: { anyOf: [{ required: ['email'] }, { required: ['phone'] }] } },
  ],
};

const objectMap = record('What one object type of the CRM holds.', {
  dataSubject: record(
    'The people a record is about, and how they are known elsewhere. Left out where a record is about nobody.',
    {
      id: field('Field that holds the record’s own id.'),
      email: field('Field with the e-mail address by which the person is known elsewhere.'),
      phone: field('Field with the telephone number by which the person is known elsewhere.'),
      also: {
        type: 'object',
        description: 'Field → what else it says of how the same person is known.',
        propertyNames: fieldName,
        additionalProperties: further,
        minProperties: 1,
      },
      through: {
        type: 'array',
        items: { ...fieldName, title: 'a name as the CRM spells it' },
        uniqueItems: true,
        description:
          'What leads to further people: in HubSpot the objects of associated records, in Salesforce fields with ids of records, or `Object.Field` for the records of an object that name this one in a field. An empty list takes back what a pack says.',
      },
    },
    choose(LEADS_ELSEWHERE, true, { required: ['id'] }),
  ),
  idPrefix: {
    type: 'string',
    pattern: '^[A-Za-z0-9]{3}$',
    title: 'three letters or digits',
    description:
      'First three characters of its records’ ids in Salesforce, for custom objects: tells that an id elsewhere is of such a record.',
  },
  owner: field('Field that holds the CRM user who owns the record; record.owner in conditions.'),
  country: field(
    'Field that holds the person’s country; record.country in conditions, and record.region where regions are declared.',
  ),
  level: field('Field that holds how confidential the record is; record.level in conditions.'),
  dates: record('Fields that hold the dates of a record.', {
    created: field('When the record was made; record.created in conditions.'),
    lastActivity: field('When something last happened with the person; record.lastActivity in conditions.'),
  }),
  consent: {
    type: 'object',
    description: 'Purpose → the field that says whether the data subject has agreed to it.',
    propertyNames: category,
    additionalProperties: consent,
    minProperties: 1,
  },
  fields: {
    type: 'object',
    description:
      'Field → its category, or a list of categories where it holds several. `none`: not personal.',
    propertyNames: fieldName,
    additionalProperties: {
      type: ['string', 'array'],
      description: 'Category, or categories, of the field.',
      ...choose({ type: 'string' }, category, { items: category, minItems: 1, uniqueItems: true }),
    },
  },
  retention: notYet('How long a record may be kept.'),
});

export const dataMapSchema = record(
  'A data map: what the data of a CRM is.',
  {
    dataMap: { type: 'string', description: 'Name of the CRM adapter whose objects are described.' },
    objects: {
      type: 'object',
      description: 'Object type as the CRM spells it → what it holds.',
      propertyNames: { ...fieldName, title: 'an object name as the CRM spells it' },
      additionalProperties: objectMap,
      minProperties: 1,
    },
  },
  { required: ['dataMap', 'objects'] },
);
