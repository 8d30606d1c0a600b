import * as fc from 'fast-check';
import type { Shape } from '../../src/model/shape.ts';
import type { Edit, Policy } from './reference.ts';
import { SALESFORCE_PAGE, SALESFORCE_RECORD } from './salesforce-page.ts';

/** Names that shapes and policies know, so that generated documents meet them often. */
const NAMES = [
  'attributes',
  'type',
  'records',
  'totalSize',
  'nextRecordsUrl',
  'properties',
  'id',
  'url',
  'note',
];
const FIELDS = ['Email', 'Phone', 'Näme', 'Zip', 'Owner', 'Account', '__proto__', 'quo"te', ''];

const spaceArb = fc.constantFrom('', '', '', ' ', '\n ', '\t\r\n');

/** Spells a character as an escape. */
const escapeOf = (character: string) =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
    .join('');

/** A JSON string spelled in one of many ways. */
function spelled(text: string, seed: number): string {
  const characters = Array.from(text, (character, index) =>
    (seed >> (index % 13)) & 1 ? escapeOf(character) : JSON.stringify(character).slice(1, -1),
  );
  return seed % 3 === 0 ? `"${characters.join('')}"` : JSON.stringify(text);
}

const textArb = fc.oneof(
  fc.constantFrom('Contact', 'Lead', 'Account', 'CANARY', '12', 'ä€😀'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const stringArb = fc.tuple(textArb, fc.nat(8191)).map(([text, seed]) => spelled(text, seed));
const nameArb = fc
  .tuple(fc.constantFrom(...NAMES, ...FIELDS, ...FIELDS), fc.nat(8191))
  .map(([text, seed]) => spelled(text, seed));
const scalarArb = fc.oneof(
  stringArb,
  fc.constantFrom('null', 'true', 'false', '0', '-0', '50000.00', '12345678901234567890', '1e+5', '-1.5E-3'),
);

/** A JSON document as text, in any spelling and spacing, leaning towards the names shapes know. */
export const jsonArb: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'json' },
    scalarArb,
    fc
      .array(fc.tuple(spaceArb, nameArb, spaceArb, tie('value'), spaceArb), {
        maxLength: 5,
        depthIdentifier: 'json',
      })
      .map(
        (members) => `{${members.map(([a, name, b, value, c]) => `${a}${name}${b}:${value}${c}`).join(',')}}`,
      ),
    fc
      .array(fc.tuple(spaceArb, tie('value'), spaceArb), { maxLength: 4, depthIdentifier: 'json' })
      .map((items) => `[${items.map((item) => item.join('')).join(',')}]`),
    fc
      .tuple(
        fc.constantFrom('"Contact"', '"Lead"', '"Acco\\u0075nt"'),
        fc.array(fc.tuple(nameArb, tie('value')), { maxLength: 4, depthIdentifier: 'json' }),
        fc.boolean(),
      )
      .map(([type, fields, last]) => {
        const members = fields.map(([name, value]) => `${name}: ${value}`);
        members.splice(last ? members.length : 0, 0, `"attributes":{"type":${type}}`);
        return `{ ${members.join(' , ')} }`;
      }),
  ),
})).value;

const recordArb = fc
  .tuple(
    fc.constantFrom('"Contact"', '"Lead"', '"Acco\\u0075nt"'),
    fc.array(fc.tuple(nameArb, fc.oneof({ weight: 3, arbitrary: scalarArb }, jsonArb)), { maxLength: 6 }),
    fc.nat(6),
  )
  .map(([type, fields, place]) => {
    const members = fields.map(([name, value]) => `${name}:${value}`);
    members.splice(place, 0, `"attributes":{"type":${type}}`, `"properties":{${members.join(', ')}}`);
    return `{${members.join(',')}}`;
  });

/** A page of records, some of them no records at all. */
export const pageArb: fc.Arbitrary<string> = fc
  .array(fc.tuple(spaceArb, fc.oneof({ weight: 6, arbitrary: recordArb }, jsonArb), spaceArb), {
    maxLength: 6,
  })
  .map((items) => `[${items.map((item) => item.join('')).join(',')}]`)
  .chain((list) => fc.constantFrom(list, `{"totalSize":3,"records":${list},"done":true}`));

const plainNameArb = fc.constantFrom(
  ...NAMES,
  'Email',
  'Phone',
  'Näme',
  'Owner',
  'Account',
  '__proto__',
  `${'long'.repeat(20)}__c`,
);

/** What records that are alike have in common: names in one order, objects among the values. */
interface Pattern {
  readonly names: readonly string[];
  readonly nested: readonly (Pattern | undefined)[];
}

const patternArb: fc.Arbitrary<Pattern> = fc.letrec<{ pattern: Pattern }>((tie) => ({
  pattern: fc
    .array(
      fc.tuple(
        plainNameArb,
        fc.option(tie('pattern'), { nil: undefined, depthIdentifier: 'pattern', maxDepth: 3 }),
      ),
      { maxLength: 5 },
    )
    .map((members) => ({ names: members.map(([name]) => name), nested: members.map(([, one]) => one) })),
})).pattern;

function ofPattern({ names, nested }: Pattern, nextValue: () => string): string {
  const members = names.map((name, index) => {
    const under = nested[index];
    return `${JSON.stringify(name)}:${under === undefined ? nextValue() : ofPattern(under, nextValue)}`;
  });
  return `{${members.join(',')}}`;
}

/** A page without a space of records that are alike but for what stands in them, one or two of which are something else. */
export const alikeArb: fc.Arbitrary<string> = fc
  .record({
    pattern: patternArb,
    values: fc.array(
      fc.oneof(
        { weight: 12, arbitrary: scalarArb },
        fc.constantFrom('tru', 'nul', '01', '-', '1.', '"\\x"', '"\\u12g4"', '{}', '[]', '"a\tb"'),
      ),
      { minLength: 1, maxLength: 20 },
    ),
    count: fc.integer({ min: 1, max: 5 }),
    others: fc.array(fc.tuple(fc.nat(8), fc.oneof(recordArb, jsonArb)), { maxLength: 2 }),
    type: fc.constantFrom('', '"attributes":{"type":"Contact","url":"/sobjects/Contact/1"},'),
  })
  .map(({ pattern, values, count, others, type }) => {
    let next = 0;
    const records = Array.from({ length: count }, () => {
      const record = ofPattern(pattern, () => values[next++ % values.length] ?? 'null');
      return record === '{}' ? record : `{${type}${record.slice(1)}`;
    });
    for (const [place, other] of others) records.splice(place, 0, other);
    return `{"totalSize":3,"records":[${records.join(',')}],"done":true}`;
  })
  .chain((page) => fc.constantFrom(page, page.slice(page.indexOf('['), page.lastIndexOf(']') + 1)));

const HUBSPOT_RECORD: Shape = {
  is: 'record',
  object: 'Contact',
  members: { id: { is: 'id' }, properties: { is: 'fields' }, url: { is: 'url' }, note: { is: 'text' } },
  others: { is: 'plain' },
};

export const SHAPES: readonly Shape[] = [
  SALESFORCE_PAGE,
  SALESFORCE_RECORD,
  HUBSPOT_RECORD,
  { is: 'array', items: SALESFORCE_RECORD },
  { is: 'array', items: HUBSPOT_RECORD },
  { is: 'array', items: { is: 'array', items: SALESFORCE_RECORD } },
  { is: 'text' },
  { is: 'plain' },
  { is: 'fields' },
  {
    is: 'object',
    members: {
      records: { is: 'array', items: HUBSPOT_RECORD },
      url: { is: 'url' },
      totalSize: { is: 'count' },
    },
    others: SALESFORCE_RECORD,
  },
  {
    is: 'record',
    members: { type: { is: 'type' }, id: { is: 'id' }, records: { is: 'array', items: HUBSPOT_RECORD } },
    others: 'field',
    nested: {
      is: 'object',
      members: { records: { is: 'array', items: HUBSPOT_RECORD } },
      others: { is: 'text' },
    },
  },
  { is: 'record', object: 'Contact', members: { note: { is: 'text' } }, others: 'field' },
];

const UNSHAPED: Shape = {
  is: 'record',
  object: 'Unshaped',
  members: {},
  others: 'field',
  get nested(): Shape {
    return UNSHAPED;
  },
};
/** How objects and arrays in the place of a text may be read. */
export const READINGS: readonly { readonly withinTexts?: Shape }[] = [{}, { withinTexts: UNSHAPED }];

function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** A policy that does something different to every field and record, the same for the same seed. */
export function policyOf(seed: number): Policy {
  return {
    edit(object, name, kind, text): Edit {
      switch (hash(`${object}/${name}/${kind}/${text}`, seed) % 6) {
        case 0:
          return { to: 'null' };
        case 1:
          return { to: 'remove' };
        case 2:
          return { to: 'string', text: `*${text}"\\\n` };
        case 3:
          return { to: 'string', text: '***' };
        default:
          return { to: 'keep' };
      }
    },
    keeps: (object, id, texts) => hash(`${object}|${id}|${texts.join('|')}`, seed) % 4 !== 0,
    special(kind, text) {
      const fate = hash(kind + text, seed) % 4;
      if (fate === 0) return null;
      if (fate === 1) return undefined;
      return kind === 'count' ? '7' : `<${text}>`;
    },
  };
}
