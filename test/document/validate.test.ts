import { describe, expect, it } from 'vitest';
import { formatProblem, sortProblems } from '../../src/document/problem.ts';
import { parseDocuments } from '../../src/document/source.ts';
import { compileSchema, validateDocument } from '../../src/document/validate.ts';

const schema = compileSchema({
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z]+$', title: 'a lower-case word' },
    mode: { enum: ['enforce', 'observe'] },
    size: { type: 'integer', minimum: 1 },
    tags: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string' } },
    later: { not: {}, description: 'Comes later.' },
  },
});

function problemsOf(text: string, quoteValues = true): string[] {
  const [document] = parseDocuments('c.yaml', text).documents;
  if (document === undefined) throw new Error('no document');
  return sortProblems(validateDocument(schema, document, { quoteValues })).map(formatProblem);
}

describe('validateDocument', () => {
  it('finds nothing wrong with a document that fits', () => {
    expect(problemsOf('name: abc\nmode: observe\n')).toEqual([]);
  });

  it.each([
    [
      'unknown key',
      'name: a\nmoed: x',
      '2:1 found unknown key "moed", expected one of name, mode, size, tags; did you mean "mode"?',
    ],
    ['missing key', 'mode: observe', '1:1 found no "name", expected one here'],
    [
      'unknown word',
      'name: a\nmode: obsreve',
      '2:7 found "obsreve", expected one of enforce, observe; did you mean "observe"?',
    ],
    ['wrong type', 'name: [a]', '1:7 found a list, expected text'],
    ['bad text', 'name: A1', '1:7 found "A1", expected a lower-case word'],
    ['number too small', 'name: a\nsize: 0', '2:7 found 0, expected a number of at least 1'],
    ['empty list', 'name: a\ntags: []', '2:7 found an empty list, expected at least one entry'],
    ['repeated entry', 'name: a\ntags: [x, x]', '2:7 found an entry twice, expected every entry once'],
    ['unsupported key', 'name: a\nlater: x', '2:1 found "later", which is not supported by this version'],
  ])('says what was found and expected: %s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual([`c.yaml:${expected}`]);
  });

  it('reports everything at once, in reading order', () => {
    expect(problemsOf('mode: 1\ntags: []\nsize: x\n').map((problem) => problem.split(' ')[0])).toEqual([
      'c.yaml:1:1',
      'c.yaml:1:7',
      'c.yaml:2:7',
      'c.yaml:3:7',
    ]);
  });

  it('names types instead of values when values may be secrets', () => {
    expect(problemsOf('name: S3CRET\nmode: s3cret\n', false).join()).not.toMatch(/s3cret/i);
  });

  it('fills in defaults where asked to', () => {
    const withDefault = compileSchema(
      { type: 'object', properties: { mode: { type: 'string', default: 'enforce' } } },
      { applyDefaults: true },
    );
    const [document] = parseDocuments('c.yaml', '{}').documents;
    expect(document && validateDocument(withDefault, document)).toEqual([]);
    expect(document?.value).toEqual({ mode: 'enforce' });
  });
});

describe('where a value may be one of several things', () => {
  const alternatives = compileSchema({
    type: 'object',
    properties: {
      answer: {
        oneOf: [
          {
            type: 'object',
            required: ['records'],
            additionalProperties: false,
            properties: { records: { type: 'string' } },
          },
          { const: 'plain' },
        ],
      },
      kek: {
        oneOf: ['env', 'file'].map((key) => ({
          type: 'object',
          required: [key],
          additionalProperties: false,
          properties: { [key]: { type: 'string' } },
        })),
      },
      match: {
        type: 'object',
        maxProperties: 1,
        properties: { host: { type: 'string' }, prefix: { type: 'string' } },
      },
      place: {
        oneOf: [
          { type: 'object', additionalProperties: false, properties: { at: { type: 'string' } } },
          { const: 'none' },
        ],
      },
      audience: { oneOf: [{ type: 'string' }, { type: 'array' }] },
    },
  });

  it.each([
    [
      'a mapping with both keys',
      'kek: { env: A, file: b }',
      '1:6 found a mapping, expected { env: … } or { file: … }',
    ],
    ['a mapping with neither', 'kek: {}', '1:6 found a mapping, expected { env: … } or { file: … }'],
    ['a text for a mapping', 'kek: abc', '1:6 found "abc", expected { env: … } or { file: … }'],
    ['another word', 'answer: plane', '1:9 found "plane", expected { records: … } or plain'],
    ['another type', 'audience: 1', '1:11 found 1, expected text or a list'],
    [
      'a mistake in the mapping that was meant',
      'answer: { records: a, recrods: b }',
      '1:23 found unknown key "recrods", expected records; did you mean "records"?',
    ],
    ['a mistake in the only mapping', 'place: { at: 1 }', '1:14 found 1, expected text'],
    [
      'two keys for one',
      'match: { host: a, prefix: b }',
      '1:8 found 2 keys in it, expected one of host, prefix alone',
    ],
  ])('says in one line what was expected: %s', (_, text, expected) => {
    const [document] = parseDocuments('c.yaml', text).documents;
    expect(validateDocument(alternatives, document!).map(formatProblem)).toEqual([`c.yaml:${expected}`]);
  });
});
