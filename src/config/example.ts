import { stringify } from 'yaml';
import { CONFIG_SCHEMA } from './schema.ts';

/** The part of a JSON schema that the example is made from. */
interface ExampleSchema {
  readonly [keyword: string]: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ExampleSchema>>;
  readonly items?: ExampleSchema;
  readonly oneOf?: readonly ExampleSchema[];
}

type Mapping = Readonly<Record<string, unknown>>;

const HEADER = `# Privet: every key, its default or an example, and what it does. Generated from the schemas: npm run generate.
# \${NAME} and \${NAME:-default} take environment variables; an unset one without a default is an error.
# What begins with # and no blank is left out here, because it names files or servers that you may not have.`;
const LINE_LENGTH = 110;

/** Keys that name files or servers which may not exist: the example has them as comments. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'listen.tls',
  'upstreams.2',
  'store.redis',
  'keys',
  'audit',
  'consent',
  'unsubscribe',
  'admin.keys',
]);

/** The text of config.example.yaml, made from the schemas, so that the two never differ. */
export function exampleConfig(): string {
  const lines = mappingLines(exampleOf(CONFIG_SCHEMA) as Mapping, CONFIG_SCHEMA, '');
  return `${HEADER}\n${lines.join('\n')}\n`;
}

/** An example where the schema has one, else its properties, else its default. */
function exampleOf(schema: ExampleSchema): unknown {
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.properties === undefined) return schema.default;
  const entries = Object.entries(schema.properties).map(([key, child]) => [key, exampleOf(child)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Every key of a mapping with its comment above it. @param path of the mapping, for `LEFT_OUT` */
function mappingLines(mapping: Mapping, schema: ExampleSchema, path: string): string[] {
  return Object.entries(mapping).flatMap(([key, value]) => {
    const child = schemaOf(schema, key);
    const at = path === '' ? key : `${path}.${key}`;
    const comment = child?.description === undefined ? [] : commentLines(child.description, at);
    const lines = leftOut(at, entryLines(key, value, child ?? {}, at));
    return path === '' ? ['', ...comment, ...lines] : [...comment, ...lines];
  });
}

function entryLines(key: string, value: unknown, schema: ExampleSchema, path: string): string[] {
  const name = flow(key);
  if (isMapping(value) && hasKeys(schema))
    return [`${name}:`, ...indented(mappingLines(value, schema, path))];
  if (Array.isArray(value) && schema.items !== undefined && value.some(isMapping)) {
    const { items } = schema;
    return [
      `${name}:`,
      ...indented(value.flatMap((item, index) => leftOut(`${path}.${index}`, itemLines(item, items, path)))),
    ];
  }
  return [`${name}: ${flow(value)}`];
}

/** An item of a list: its first key stands behind the dash, the comment of that key above it. */
function itemLines(item: unknown, schema: ExampleSchema, path: string): string[] {
  if (!isMapping(item)) return [`- ${flow(item)}`];
  const lines = indented(mappingLines(item, schema, `${path}.`));
  const first = lines.findIndex((line) => !line.trimStart().startsWith('#'));
  return lines.map((line, index) => {
    if (index < first) return line.trimStart();
    return index === first ? `- ${line.trimStart()}` : line;
  });
}

/** The schema of a key, in the alternatives of a schema as well. */
function schemaOf(schema: ExampleSchema, key: string): ExampleSchema | undefined {
  return [schema, ...(schema.oneOf ?? [])].map(({ properties }) => properties?.[key]).find(Boolean);
}

function hasKeys(schema: ExampleSchema): boolean {
  return [schema, ...(schema.oneOf ?? [])].some(({ properties }) => properties !== undefined);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function leftOut(path: string, lines: readonly string[]): readonly string[] {
  return LEFT_OUT.has(path) ? lines.map((line) => `#${line}`) : lines;
}

/** @param path its depth says how far in the comment will stand */
function commentLines(text: string, path: string): string[] {
  const width = LINE_LENGTH - 2 * path.split('.').length;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
