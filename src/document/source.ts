import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { Problem } from './problem.ts';

/** Place in a document: keys and indexes from its root. */
export type DocumentPath = readonly (string | number)[];

/** Where something stands in its file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One YAML document with the place of everything in it. */
export interface SourceDocument {
  readonly file: string;
  /** Plain data: objects, arrays, strings, numbers, booleans and null. */
  readonly value: unknown;
  /** Position of the value at `path`, or of its key; when there is none, of the nearest enclosing value. */
  readonly positionOf: (path: DocumentPath, part?: 'key' | 'value') => Position;
  /** Position of the character at `offset` in the string at `path`; of the string's start where escapes hide the place. */
  readonly positionIn: (path: DocumentPath, offset: number) => Position;
}

export interface ParseOptions {
  /** False where values may be secrets: then no message repeats any of the text. Default: true. */
  readonly quoteValues?: boolean;
}

type YamlDocument = ReturnType<typeof parseAllDocuments>[number];

interface Parsed {
  readonly documents: SourceDocument[];
  readonly problems: Problem[];
}

/**
 * Reads YAML 1.2 (core schema): keys are unique strings; no anchors, aliases or merge keys (an alias bomb is a few
 * lines long, and a policy must be readable where it stands); no tags. Empty documents are left out.
 *
 * @param file name for positions
 * @param text whole content; the caller limits its size
 */
export function parseDocuments(file: string, text: string, options: ParseOptions = {}): Parsed {
  const lines = new LineCounter();
  const placed = (offset: number, message: string): Problem => ({
    file,
    ...positionAt(lines, offset),
    message,
  });
  let parsed: ReturnType<typeof parseAllDocuments>;
  try {
    parsed = parseAllDocuments(text, {
      lineCounter: lines,
      schema: 'core',
      version: '1.2',
      uniqueKeys: true,
      prettyErrors: false,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { documents: [], problems: [placed(0, 'found YAML nested too deeply to be read')] };
  }
  const documents: SourceDocument[] = [];
  const problems: Problem[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const found = [...syntaxProblems(document, placed, options), ...structureProblems(document, placed)];
    problems.push(...found);
    if (found.length > 0 || document.contents === null) continue;
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (value !== null) documents.push(sourceDocument(file, text, lines, document, value));
  }
  return { documents, problems };
}

type Place = (offset: number, message: string) => Problem;

function syntaxProblems(document: YamlDocument, placed: Place, options: ParseOptions): Problem[] {
  return [...document.errors, ...document.warnings].map((error) =>
    placed(
      error.pos[0],
      error.code === 'DUPLICATE_KEY'
        ? `found a key that already stands in this mapping, expected every key once${betweenDocuments(document, error.pos[0])}`
        : (options.quoteValues ?? true)
          ? `found malformed YAML: ${error.message}${remedy(error.code)}`
          : `found malformed YAML (${error.code.toLowerCase().replaceAll('_', ' ')})${remedy(error.code)}`,
    ),
  );
}

/** Where the first key of all stands again, a second document was meant to begin. */
function betweenDocuments({ contents }: YamlDocument, offset: number): string {
  if (!isMap(contents)) return '';
  const keys = contents.items.map(({ key }) => key).filter(isScalar);
  const again = keys.find(({ range }) => range?.[0] === offset);
  return again?.value === keys[0]?.value && again !== undefined
    ? '; between two documents there must be a line ---'
    : '';
}

/** A sentence with a colon in it is what people stumble over. */
function remedy(code: string): string {
  return code === 'BLOCK_AS_IMPLICIT_KEY' ? '; a text with a colon and a blank in it needs quotes' : '';
}

function structureProblems(document: YamlDocument, placed: Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias: (_, node) => {
      problems.push(
        placed(node.range?.[0] ?? 0, 'found an alias, expected the value itself: aliases are not supported'),
      );
    },
    Node: (_, node) => {
      if (!isAlias(node) && node.anchor !== undefined) {
        problems.push(
          placed(node.range?.[0] ?? 0, 'found an anchor, expected none: aliases are not supported'),
        );
      }
    },
    Pair: (_, pair) => {
      const key = pair.key;
      if (isScalar(key) && typeof key.value === 'string') return;
      const offset = isScalar(key) || isMap(key) || isSeq(key) ? (key.range?.[0] ?? 0) : 0;
      problems.push(placed(offset, 'found a key that is not text, expected text (put it in quotes)'));
    },
  });
  return problems;
}

function sourceDocument(
  file: string,
  text: string,
  lines: LineCounter,
  document: YamlDocument,
  value: unknown,
): SourceDocument {
  const root = document.contents;
  return {
    file,
    value,
    positionOf: (path, part = 'value') => positionAt(lines, offsetOf(root, path, part)),
    positionIn: (path, offset) => {
      const start = offsetOf(root, path, 'value');
      const node = nodeAt(root, path);
      const content = isScalar(node) && typeof node.value === 'string' ? node.value : '';
      if (isScalar(node) && node.type?.startsWith('BLOCK_') === true) {
        return positionAt(lines, foldedOffset(text, text.indexOf('\n', start), content, offset));
      }
      // Plain text starts where its node starts, quoted text one character later.
      const begin = [start, start + 1].find((place) => content !== '' && text.startsWith(content, place));
      return positionAt(lines, begin === undefined ? start : begin + Math.min(offset, content.length));
    },
  };
}

/**
 * Where a character of a block (`|`, `>`) stands in the text. Its lines are indented and may be folded, which changes
 * blanks alone: so the others are counted.
 */
function foldedOffset(text: string, from: number, content: string, offset: number): number {
  let ahead = content.slice(0, offset).replaceAll(/\s/g, '').length;
  const isEnd = content.slice(offset).trim() === '';
  for (let at = from; at < text.length; at++) {
    if (/\s/.test(text.charAt(at))) continue;
    if (ahead === 0) return at;
    ahead--;
    if (ahead === 0 && isEnd) return at + 1;
  }
  return from;
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface Step {
  readonly key: number | undefined;
  readonly node: Node | null;
}

function step(node: Node | null, segment: string | number): Step | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === segment);
    if (pair === undefined) return undefined;
    const key = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
    return { key, node: isNode(pair.value) ? pair.value : null };
  }
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return isNode(item) ? { key: undefined, node: item } : undefined;
  }
  return undefined;
}

function nodeAt(root: Node | null, path: DocumentPath): Node | null {
  let node = root;
  for (const segment of path) node = step(node, segment)?.node ?? null;
  return node;
}

function offsetOf(root: Node | null, path: DocumentPath, part: 'key' | 'value'): number {
  let node = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, segment] of path.entries()) {
    const next = step(node, segment);
    if (next === undefined) return offset;
    const atKey = part === 'key' && index === path.length - 1;
    offset = (atKey ? next.key : undefined) ?? next.node?.range?.[0] ?? next.key ?? offset;
    node = next.node;
  }
  return offset;
}
