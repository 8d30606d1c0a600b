import { describe, expect, it } from 'vitest';
import { substituteEnvironment } from '../../src/config/environment.ts';

const environment = { NAME: 'value', EMPTY: '', PORT: '9090', NESTED: '${NAME}', YAML: '{ a: 1 }' };
const schema = {
  properties: { port: { type: 'integer' }, reload: { type: 'boolean' }, name: { type: 'string' } },
};

function substituted(value: unknown, at?: typeof schema) {
  return substituteEnvironment(value, at, environment);
}

describe('environment variables', () => {
  it.each([
    ['a whole text', '${NAME}', 'value'],
    ['a part of a text', 'a-${NAME}-b', 'a-value-b'],
    ['several in one text', '${NAME}${PORT}', 'value9090'],
    ['a default that is not needed', '${NAME:-other}', 'value'],
    ['a default that is needed', '${UNSET:-other}', 'other'],
    ['an empty default', 'a${UNSET:-}', 'a'],
    ['an empty variable, which is set', '${EMPTY:-other}', ''],
    ['a value that looks like a reference, which is left alone', '${NESTED}', '${NAME}'],
    ['a value that looks like YAML, which stays text', '${YAML}', '{ a: 1 }'],
    ['no reference', '$NAME $ {NAME}', '$NAME $ {NAME}'],
    ['a number', 5, 5],
    ['nothing', null, null],
  ])('fill in %s', (_, text, expected) => {
    expect(substituted(text)).toEqual({ value: expected, unset: [] });
  });

  it('are filled in at any depth, and never in keys', () => {
    const { value } = substituted({ '${NAME}': [{ a: '${NAME}' }, '${PORT}'] });
    expect(value).toEqual({ '${NAME}': [{ a: 'value' }, '9090'] });
  });

  it('are read as what the schema wants', () => {
    const found = { port: '${PORT}', reload: '${UNSET:-false}', name: '${PORT}' };
    expect(substituted(found, schema).value).toEqual({ port: 9090, reload: false, name: '9090' });
  });

  it('are all reported by name and place where they are unset', () => {
    const { unset } = substituted({ a: ['${ONE}', { b: 'x ${TWO}' }] });
    expect(unset).toEqual([
      { path: ['a', 0], name: 'ONE' },
      { path: ['a', 1, 'b'], name: 'TWO' },
    ]);
  });
});
