import type { ASTNode } from '@marcbachmann/cel-js';

/** `variable.name` */
export interface Member {
  readonly variable: Variable;
  readonly name: string;
}

/** What conditions read from. */
export type Variable = 'principal' | 'operation' | 'record';
const VARIABLES: ReadonlySet<string> = new Set<Variable>(['principal', 'operation', 'record']);

export function isVariable(name: string): name is Variable {
  return VARIABLES.has(name);
}

/** The member that a node of a CEL tree is. */
export function memberIn(node: ASTNode): Member | undefined {
  if (node.op !== '.' || node.args[0].op !== 'id') return undefined;
  const variable = node.args[0].args;
  return isVariable(variable) ? { variable, name: node.args[1] } : undefined;
}

/** @param args of a node: nodes, lists of nodes, names and values */
export function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** A word that a condition compares with a member by `==`, `!=` or `in`, and where it stands. */
export interface ComparedWord extends Member {
  readonly word: string;
  readonly offset: number;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', 'in']);

export function comparedWords(node: ASTNode): readonly ComparedWord[] {
  const children = childrenOf(node.args);
  const nested = children.flatMap(comparedWords);
  if (!COMPARISONS.has(node.op)) return nested;
  const members = children.flatMap((side) => memberIn(side) ?? []);
  const words = children.flatMap(wordsIn);
  return [...nested, ...members.flatMap((member) => words.map((word) => ({ ...member, ...word })))];
}

/** A text, or the texts of a list. */
function wordsIn(node: ASTNode): readonly Pick<ComparedWord, 'word' | 'offset'>[] {
  if (node.op === 'list') return node.args.flatMap(wordsIn);
  const isText = node.op === 'value' && typeof node.args === 'string';
  return isText ? [{ word: node.args, offset: node.start }] : [];
}
