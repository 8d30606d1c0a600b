import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planHouse } from '../../src/app/plan.ts';
import { GENERATED } from '../../src/cli/generate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CONFIG_SCHEMA } from '../../src/config/schema.ts';
import { directoryOf } from './directory.ts';

const text = readFileSync('config.example.yaml', 'utf8');
/** The example with what it leaves out: such lines begin with # and no single blank. */
const whole = text
  .split('\n')
  .map((line) => line.replace(/^( *)#(?! \S|$)/, '$1'))
  .join('\n');

interface Node {
  readonly not?: unknown;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
}

/** Every key that a schema knows, at any depth. */
function keysOf(node: Node): string[] {
  const below = Object.entries(node.properties ?? {})
    .filter(([, child]) => child.not === undefined)
    .flatMap(([key, child]) => [key, ...keysOf(child)]);
  return [
    ...below,
    ...(node.items === undefined ? [] : keysOf(node.items)),
    ...(node.oneOf ?? []).flatMap(keysOf),
  ];
}

describe('generated files', () => {
  it.each(Object.entries(GENERATED))('%s is what the schemas say', (file, make) => {
    expect(make()).toBe(readFileSync(file, 'utf8'));
  });
});

describe('the schema of the configuration', () => {
  it('says in words what every pattern wants', () => {
    const wordless = (node: unknown): string[] => {
      if (typeof node !== 'object' || node === null) return [];
      const { pattern, title } = node as { pattern?: string; title?: string };
      const own = typeof pattern === 'string' && title === undefined ? [pattern] : [];
      return [...own, ...Object.values(node).flatMap(wordless)];
    };
    expect(wordless(CONFIG_SCHEMA)).toEqual([]);
  });
});

describe('config.example.yaml', () => {
  it('holds as it stands, with the policies beside it', async () => {
    const { problems } = await planHouse('config.example.yaml', {});
    expect(problems).toEqual([]);
  });

  it('holds with all that it leaves out, and then has nothing left out', () => {
    const { problems, config } = loadConfig(join(directoryOf({ 'c.yaml': whole }), 'c.yaml'), {});
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ listen: { tls: {} }, keys: {}, audit: { redis: {} } });
    expect(config?.upstreams.map(({ crm }) => crm)).toEqual(['salesforce', 'hubspot', 'generic']);
  });

  // A key-encryption key comes from one place; the example shows the one, its comment names the other.
  it.each(keysOf(CONFIG_SCHEMA as Node).filter((key) => key !== 'file'))('has a comment above %s', (key) => {
    const lines = whole.split('\n');
    const places = lines.flatMap((line, index) => (new RegExp(`^ *(- )?${key}:`).test(line) ? [index] : []));
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(lines[place - 1]?.trim()).toMatch(/^#/);
  });
});
