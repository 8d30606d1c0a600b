import { isMap, isScalar, type YAMLMap, Document as YamlDocument } from 'yaml';
import { CONFIG_SCHEMA } from './schema.ts';

/** A JSON schema, as far as the example is made from it. */
interface ExampleSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ExampleSchema>>;
}

const HEADER = ` Privet: every key, its default and what it does. Generated from the schemas: npm run generate.
 \${NAME} and \${NAME:-default} take environment variables; an unset one without a default is an error.`;
const LINE_LENGTH = 110;

/** The text of config.example.yaml: made from the schemas, so that it cannot say anything else. */
export function exampleConfig(): string {
  const document = new YamlDocument(exampleOf(CONFIG_SCHEMA));
  document.commentBefore = HEADER;
  if (isMap(document.contents)) annotate(document.contents, CONFIG_SCHEMA, 0);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** An example where the schema has one, else its properties, else its default. */
function exampleOf(schema: ExampleSchema): unknown {
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.properties === undefined) return schema.default;
  const entries = Object.entries(schema.properties).map(([key, child]) => [key, exampleOf(child)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function annotate(map: YAMLMap, schema: ExampleSchema, depth: number): void {
  for (const [index, { key, value }] of map.items.entries()) {
    if (!isScalar(key)) continue;
    const child = schema.properties?.[String(key.value)];
    if (child === undefined) continue;
    if (child.description !== undefined) key.commentBefore = wrap(child.description, LINE_LENGTH - 2 * depth);
    if (depth === 0 && index > 0) key.spaceBefore = true;
    if (isMap(value) && child.properties !== undefined && child.examples === undefined) {
      annotate(value, child, depth + 1);
    }
  }
}

function wrap(text: string, width: number): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const line = `${lines[last]} ${word}`;
    if (line.length > width && lines[last] !== '') lines.push(` ${word}`);
    else lines[last] = line;
  }
  return lines.join('\n');
}
