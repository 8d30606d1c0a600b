import type { RecordShape, Shape } from '../../src/model/shape.ts';

/**
 * The slow reference masker: parse the whole document, walk it, serialise it. Written apart from the engine and sharing
 * no code with it; numbers, names and untouched strings keep their spelling so that outputs can be compared.
 */
export type Node =
  | { kind: 'object'; members: { name: string; value: Node }[] }
  | { kind: 'array'; items: Node[] }
  | { kind: 'scalar'; lexeme: string };

export function parse(text: string): Node {
  let at = 0;
  const space = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
  };
  const lexeme = () => {
    const match = /"(?:[^"\\]|\\.)*"|[^\s,\]}:]+/suy;
    match.lastIndex = at;
    const found = match.exec(text)?.[0];
    if (found === undefined) throw new SyntaxError(`nothing at ${at}`);
    at += found.length;
    return found;
  };
  const list = <T>(close: string, item: () => T): T[] => {
    const items: T[] = [];
    at++;
    space();
    if (text[at] === close) {
      at++;
      return items;
    }
    for (;;) {
      space();
      items.push(item());
      space();
      if (text[at++] === close) return items;
      if (text[at - 1] !== ',') throw new SyntaxError(`no comma at ${at}`);
    }
  };
  const value = (): Node => {
    space();
    if (text[at] === '[') return { kind: 'array', items: list(']', value) };
    if (text[at] !== '{') return { kind: 'scalar', lexeme: lexeme() };
    return {
      kind: 'object',
      members: list('}', () => {
        const name = lexeme();
        space();
        if (text[at++] !== ':') throw new SyntaxError(`no colon at ${at}`);
        return { name, value: value() };
      }),
    };
  };
  const root = value();
  space();
  if (at !== text.length) throw new SyntaxError('trailing data');
  return root;
}

export function serialise(node: Node): string {
  if (node.kind === 'scalar') return node.lexeme;
  if (node.kind === 'array') return `[${node.items.map(serialise).join(',')}]`;
  return `{${node.members.map(({ name, value }) => `${name}:${serialise(value)}`).join(',')}}`;
}

export type Edit = { to: 'keep' | 'null' | 'remove' } | { to: 'string'; text: string };

/** What is done to records: the same question is put to the engine's handler. */
export interface Policy {
  edit: (object: string | undefined, name: string, kind: string, text: string) => Edit;
  keeps: (object: string | undefined, id: string | undefined, texts: readonly string[]) => boolean;
  special: (kind: string, text: string) => string | null | undefined;
}

export class Refused extends Error {}

interface Field {
  name: string;
  source: Node;
  /** The member it stands in. */
  member: { name: string; value: Node };
  owner: { members: { name: string; value: Node }[] };
}

interface OpenRecord {
  shape: RecordShape;
  type: string | undefined;
  types: number;
  id: string | undefined;
  ids: number;
  fields: Field[];
}

const GONE = Symbol('gone');
const literal = (lexeme: string): Node => ({ kind: 'scalar', lexeme });
const isString = (lexeme: string) => lexeme.startsWith('"');
const textOf = (lexeme: string): string => (isString(lexeme) ? JSON.parse(lexeme) : lexeme);

function kindOf(node: Node): string {
  if (node.kind !== 'scalar') return 'container';
  if (isString(node.lexeme)) return 'string';
  if (node.lexeme === 'null') return 'null';
  return node.lexeme === 'true' || node.lexeme === 'false' ? 'boolean' : 'number';
}

function own(members: Readonly<Record<string, Shape>>, name: string): Shape | undefined {
  const key: string = JSON.parse(name);
  return Object.hasOwn(members, key) ? members[key] : undefined;
}

/**
 * @param withinTexts shape of objects and arrays in the place of a text
 * @throws Refused when the document must not pass
 */
export function mask(node: Node, shape: Shape, policy: Policy, withinTexts?: Shape): Node {
  const result = walk(node, shape, undefined, false);
  if (result === GONE) throw new Refused('withheld');
  return result;

  function special(node: Node, kind: string, expected: boolean): Node {
    if (node.kind !== 'scalar') throw new Error('a container is no special value');
    const { lexeme } = node;
    const what = kindOf(node);
    if (what !== 'string' && (what !== 'number' || (kind === 'text' && expected))) return node;
    const answer = policy.special(kind, textOf(lexeme));
    if (answer === undefined || answer === textOf(lexeme)) return node;
    if (answer === null || (what === 'number' && kind === 'text')) return literal('null');
    return literal(what === 'number' && kind === 'count' ? answer : JSON.stringify(answer));
  }

  function walk(
    node: Node,
    given: Shape,
    record: OpenRecord | undefined,
    maybe: boolean,
  ): Node | typeof GONE {
    const isText = given.is === 'text' && node.kind !== 'scalar';
    const shape = isText ? (withinTexts ?? given) : given;
    if (node.kind === 'array') {
      let items = shape.is === 'array' ? shape.items : shape;
      if (shape.is === 'type' || shape.is === 'id') {
        if (record !== undefined) throw new Refused('malformed');
        items = { is: 'plain' };
      }
      if (shape.is === 'fields' && record === undefined) items = withinTexts ?? { is: 'text' };
      const walked = node.items.map((item) => walk(item, items, record, maybe));
      return { kind: 'array', items: walked.filter((item) => item !== GONE) };
    }
    if (node.kind === 'object') return walkObject(node, shape, record, maybe);
    return walkScalar(node, shape, record, maybe);
  }

  function walkScalar(
    node: Node & { kind: 'scalar' },
    shape: Shape,
    record: OpenRecord | undefined,
    maybe: boolean,
  ): Node {
    const is = shape.is;
    const value = node.lexeme === 'null' ? undefined : textOf(node.lexeme);
    if (is === 'type' && record !== undefined) {
      if (record.types++ > 0) throw new Refused('ambiguous');
      record.type = value;
    }
    if (is === 'id' && record !== undefined) {
      if (record.ids++ > 0) throw new Refused('ambiguous');
      record.id = value;
    }
    if (is === 'plain' || is === 'type' || is === 'id') return node;
    if (is === 'locator' || is === 'url' || is === 'count' || is === 'text') return special(node, is, true);
    return maybe ? node : special(node, 'text', false);
  }

  function walkObject(
    node: Node & { kind: 'object' },
    given: Shape,
    record: OpenRecord | undefined,
    maybe: boolean,
  ): Node | typeof GONE {
    let shape = given;
    while (shape.is === 'array') shape = shape.items;
    if (shape.is === 'text') shape = withinTexts ?? shape;
    if (shape.is === 'record') return walkRecord(node, shape, maybe);
    if (shape.is === 'type' || shape.is === 'id') {
      if (record !== undefined) throw new Refused('malformed');
      return node;
    }
    if (shape.is === 'fields') {
      if (record === undefined) return walkObject(node, { is: 'text' }, record, false);
      const owner = { members: [] as { name: string; value: Node }[] };
      for (const { name, value } of node.members) addField(name, value, record, owner);
      return { kind: 'object', members: owner.members };
    }
    return {
      kind: 'object',
      members: node.members.map(({ name, value }) => {
        let under: Shape = shape;
        if (shape.is === 'object') under = own(shape.members, name) ?? shape.others;
        const walked = walk(value, under, record, false);
        return { name, value: walked === GONE ? literal('null') : walked };
      }),
    };
  }

  function addField(name: string, value: Node, record: OpenRecord, owner: Field['owner']): void {
    const { nested } = record.shape;
    const member = { name, value };
    owner.members.push(member);
    record.fields.push({ name: JSON.parse(name), source: value, member, owner });
    if (value.kind === 'scalar' || nested === undefined) return;
    const maybe = nested.is === 'array' || (nested.is === 'record' && nested.object === undefined);
    const walked = walk(value, nested, record, maybe);
    member.value = walked === GONE ? literal('null') : walked;
  }

  function walkRecord(
    node: Node & { kind: 'object' },
    shape: RecordShape,
    maybe: boolean,
  ): Node | typeof GONE {
    const record: OpenRecord = {
      shape,
      type: undefined,
      types: 0,
      id: undefined,
      ids: 0,
      fields: [],
    };
    const owner = { members: [] as { name: string; value: Node }[] };
    for (const { name, value } of node.members) {
      const under = own(shape.members, name) ?? shape.others;
      if (under === 'field') {
        addField(name, value, record, owner);
      } else {
        const walked = walk(value, under, record, false);
        owner.members.push({ name, value: walked === GONE ? literal('null') : walked });
      }
    }
    const object = shape.object ?? record.type;
    const result: Node = { kind: 'object', members: owner.members };
    if (maybe && object === undefined) return result;
    const texts = record.fields.map(({ source }) => (source.kind === 'scalar' ? textOf(source.lexeme) : ''));
    if (!policy.keeps(object, record.id, texts)) return GONE;
    record.fields.forEach(({ name, source, member, owner }, index) => {
      const edit = policy.edit(object, name, kindOf(source), texts[index] as string);
      if (edit.to === 'null') member.value = literal('null');
      if (edit.to === 'string') member.value = literal(JSON.stringify(edit.text));
      if (edit.to === 'remove') owner.members.splice(owner.members.indexOf(member), 1);
    });
    return result;
  }
}
