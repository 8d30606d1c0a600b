import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policySchemaFile } from '../../../src/policy/language/schema.ts';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly [keyword: string]: unknown;
}

function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, ...rest } = schema as Schema;
  const own = Object.entries(properties ?? {}).flatMap(([name, property]) => {
    const place = `${path}.${name}`;
    // `true` only repeats the name of a key that is described beside it.
    if (property === true || path.endsWith('.if')) return [];
    return [
      ...((property as Schema).description === undefined ? [place] : []),
      ...undescribed(property, place),
    ];
  });
  return [
    ...own,
    ...Object.entries(rest).flatMap(([keyword, value]) => undescribed(value, `${path}.${keyword}`)),
  ];
}

describe('policies.schema.json', () => {
  it('is what the code says', () => {
    expect(readFileSync('policies/schema/policies.schema.json', 'utf8')).toBe(policySchemaFile());
  });

  it('describes every key, for the hover text of editors', () => {
    expect(undescribed(JSON.parse(policySchemaFile()), '')).toEqual([]);
  });
});
