import { category, record, words } from './schema-parts.ts';

/** GDPR Art. 6(1) (a) to (f), in words. */
const LAWFUL_BASES = [
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interests',
] as const;

const description = (of: string) => ({ type: 'string', description: `What ${of}, in a sentence.` }) as const;

/** A name of a role, level or region, as principals and policies say it. */
const name = {
  type: 'string',
  pattern: '^(?!__proto__$)[^\\s,][^,]*$',
  title: 'a name without commas',
} as const;

export const rolesSchema = record(
  'The roles there are. Once they are declared, a role that is not is refused wherever it is named.',
  {
    roles: {
      type: 'object',
      description: 'Role → the roles it includes. Whoever has a role has those it includes as well.',
      minProperties: 1,
      propertyNames: name,
      additionalProperties: {
        ...record('One role; {} where there is nothing more to say.', {
          description: description('the role is for'),
          includes: words('Roles that whoever has this one has as well.', 'the name of a role'),
        }),
        minProperties: 0,
      },
    },
  },
  { required: ['roles'] },
);

export const levelsSchema = record(
  'The levels of privacy, as a pyramid.',
  {
    levels: {
      type: 'array',
      items: name,
      minItems: 1,
      uniqueItems: true,
      description: 'Levels, lowest first. Whoever has one has those below it as well.',
    },
  },
  { required: ['levels'] },
);

export const purposeSchema = record(
  'A purpose for which personal data is processed. Once one is declared, all that are named must be.',
  {
    purpose: {
      ...category,
      title: 'a purpose in dotted lower-case words, such as marketing.email',
      description:
        'Unique id. `marketing.email` is below `marketing`: what is said of the one above holds for it.',
    },
    description: description('happens to the data for this purpose'),
    lawfulBasis: { enum: LAWFUL_BASES, description: 'What makes it lawful: GDPR Art. 6(1) (a) to (f).' },
    recipients: words('Who receives the data (GDPR Art. 30(1)(d)).', 'the name of a recipient'),
    retention: {
      type: 'string',
      pattern: '^(?:\\d+[dwmy]|P(?=\\d)(?:\\d+Y)?(?:\\d+M)?(?:\\d+W)?(?:\\d+D)?)$',
      title: 'a time such as 90d, 6m, 3y or P3Y',
      description: 'How long the data is kept for it. Stated for the record; nothing is deleted by it.',
    },
  },
  { required: ['purpose', 'lawfulBasis'] },
);

export const regionSchema = record(
  'A region: the countries in it.',
  {
    region: { ...name, description: 'Unique name, as principals have it; record.region in conditions.' },
    description: description('the region stands for'),
    countries: words(
      'Countries as the CRM spells them, codes and names alike. Case and accents do not count.',
      'a country as the CRM spells it',
    ),
  },
  { required: ['region', 'countries'] },
);
