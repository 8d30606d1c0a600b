import {
  type ASTNode,
  TypeError as CelTypeError,
  Environment,
  EvaluationError,
  ParseError,
} from '@marcbachmann/cel-js';
import { nearest } from '../document/nearest.ts';
import { didYouMean } from '../document/validate.ts';
import type { Limits } from '../limits.ts';
import type { OperationKind } from '../model/operation.ts';
import type { Caller } from './caller.ts';
import {
  type ComparedWord,
  childrenOf,
  comparedWords,
  isVariable,
  type Member,
  memberIn,
  type Variable,
} from './condition-tree.ts';

/** What conditions may say about the caller. */
const PRINCIPAL_ATTRIBUTES = {
  id: 'string',
  roles: 'list<string>',
  purposes: 'list<string>',
  purpose: 'string',
  region: 'string',
  level: 'string',
  levels: 'list<string>',
  crmUserId: 'string',
  team: 'list<string>',
} as const;
export type PrincipalAttribute = keyof typeof PRINCIPAL_ATTRIBUTES;

const OPERATION_ATTRIBUTES = { kind: 'string', objects: 'list<string>' } as const;

/** What `record.X` is compared with: a word in the policy, or an attribute of the caller. */
export type Comparand = { readonly word: string } | { readonly attribute: PrincipalAttribute };

/** `record.<name>` is one of these. */
export interface Membership {
  readonly name: string;
  readonly among: readonly Comparand[];
}

/** What conditions read of an operation. */
export interface ConditionOperation {
  readonly kind: OperationKind;
  /** As the data maps spell them. Left out where the operation does not tell: then no condition over them is decided. */
  readonly objects?: readonly string[];
}

export interface ConditionInput {
  readonly principal: Caller;
  readonly operation: ConditionOperation;
  /** Known facts by the name that the condition uses. A null fact is left out. */
  readonly record?: ReadonlyMap<string, string>;
}

/** A condition in CEL, checked. */
export interface Condition {
  readonly source: string;
  /** What is said of records that do not meet it; left out: its source. */
  readonly because?: string;
  /** What the caller can do about it, in words for the client; left out: nothing. */
  readonly remedy?: string;
  /** X of every `record.X`; empty: the condition is about the request alone. */
  readonly recordNames: readonly string[];
  readonly principalNames: readonly PrincipalAttribute[];
  readonly readsObjects: boolean;
  readonly readsKind: boolean;
  /** Words that it compares with members of its variables. */
  readonly words: readonly ComparedWord[];
  /**
   * The memberships that must all hold, when the whole condition consists of `record.X == …` and `record.X in …`,
   * joined by `&&`, or by `||` between those of one X; else undefined. An unknown comparand equals nothing, as in CEL.
   */
  readonly memberships: readonly Membership[] | undefined;
  /** The answer, when the condition is `true` or `false` itself. */
  readonly constant: boolean | undefined;
  /** Undefined when it cannot be decided because a fact is missing or a conversion fails. Never throws. */
  readonly evaluate: (input: ConditionInput) => boolean | undefined;
}

/** Why a condition was refused, and where in its text. */
export interface ConditionProblem {
  readonly message: string;
  readonly offset: number;
}

/** Checks conditions against the variables a policy may use. CEL: https://github.com/google/cel-spec */
export interface ConditionCompiler {
  readonly compile: (source: string) => Condition | ConditionProblem;
}

export function createConditionCompiler(limits: Limits): ConditionCompiler {
  const environment = new Environment({
    limits: { maxAstNodes: limits.conditionNodesMax, maxDepth: limits.conditionDepthMax },
  })
    .registerVariable({ name: 'principal', schema: PRINCIPAL_ATTRIBUTES })
    .registerVariable({ name: 'operation', schema: OPERATION_ATTRIBUTES })
    .registerVariable('record', 'map<string, string>');
  return { compile: (source) => compile(environment, source) };
}

function compile(environment: Environment, source: string): Condition | ConditionProblem {
  try {
    const program = environment.parse(source);
    const names = namesIn(program.ast);
    if ('message' in names) return names;
    const checked = program.check();
    if (checked.error !== undefined) return celProblem(checked.error);
    if (checked.type !== 'bool') {
      return {
        message: `found a condition that gives ${checked.type ?? 'nothing'}, expected true or false`,
        offset: 0,
      };
    }
    return {
      source,
      ...names,
      words: comparedWords(program.ast),
      memberships: membershipsOf(program.ast),
      constant: typeof program.ast.args === 'boolean' ? program.ast.args : undefined,
      evaluate: (input) => {
        try {
          const answer: unknown = program({ ...input });
          return typeof answer === 'boolean' ? answer : undefined;
        } catch {
          return undefined;
        }
      },
    };
  } catch (error) {
    if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
      return celProblem(error);
    }
    throw error;
  }
}

function celProblem(error: {
  readonly summary: string;
  readonly range?: { readonly start: number };
}): ConditionProblem {
  const unknown = /^Unknown variable: (\w+)/.exec(error.summary)?.[1];
  const hint = unknown === undefined ? signsOf(error.summary) : didYouMean(meantBy(unknown));
  return {
    message: `found a condition that CEL refuses: ${error.summary}${hint}`,
    offset: error.range?.start ?? 0,
  };
}

/** What people write who know SQL: one `=`, AND, OR. */
function signsOf(summary: string): string {
  return summary.startsWith('Unexpected character') ? '; CEL writes ==, !=, && and ||' : '';
}

/** A variable that was misspelt, or a name without the variable before it. */
function meantBy(unknown: string): string {
  const of = Object.hasOwn(PRINCIPAL_ATTRIBUTES, unknown) ? 'principal' : 'record';
  return nearest(unknown, Object.keys(VARIABLES)) ?? `${of}.${unknown}`;
}

type Names = Pick<Condition, 'recordNames' | 'principalNames' | 'readsObjects' | 'readsKind'>;

const VARIABLES: Readonly<Record<Variable, readonly string[] | undefined>> = {
  principal: Object.keys(PRINCIPAL_ATTRIBUTES),
  operation: Object.keys(OPERATION_ATTRIBUTES),
  record: undefined,
};

/** A variable must be followed by a name, so that it is known what a condition reads before it runs. */
function namesIn(root: ASTNode): Names | ConditionProblem {
  const record = new Set<string>();
  const principal = new Set<PrincipalAttribute>();
  let readsObjects = false;
  let readsKind = false;
  const visit = (node: ASTNode): ConditionProblem | undefined => {
    const member = memberIn(node);
    if (member === undefined) {
      const nested = childrenOf(node.args).map(visit);
      return refusedNode(node) ?? nested.find((problem) => problem !== undefined);
    }
    if (member.variable === 'record') record.add(member.name);
    if (member.variable === 'principal' && isPrincipalAttribute(member.name)) principal.add(member.name);
    readsObjects ||= member.variable === 'operation' && member.name === 'objects';
    readsKind ||= member.variable === 'operation' && member.name === 'kind';
    return refusedMember(member, node.start);
  };
  const problem = visit(root);
  return problem ?? { recordNames: [...record], principalNames: [...principal], readsObjects, readsKind };
}

function refusedMember({ variable, name }: Member, offset: number): ConditionProblem | undefined {
  const known = VARIABLES[variable];
  if (known === undefined || known.includes(name)) return undefined;
  const message = `found ${variable}.${name}, expected one of ${known.join(', ')} after ${variable}${didYouMean(nearest(name, known))}`;
  return { message, offset };
}

function refusedNode(node: ASTNode): ConditionProblem | undefined {
  if (node.op === 'id' && isVariable(node.args)) {
    const message = `found ${node.args} alone, expected a name after it, as in ${node.args}.name`;
    return { message, offset: node.start };
  }
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    return { message: MATCHES_UNSUPPORTED, offset: node.start };
  }
  return undefined;
}

const MATCHES_UNSUPPORTED =
  'found matches(), which is not supported: a regular expression can take for ever; use contains, startsWith or endsWith';

function isPrincipalAttribute(name: string): name is PrincipalAttribute {
  return Object.hasOwn(PRINCIPAL_ATTRIBUTES, name);
}

function membershipsOf(node: ASTNode): Condition['memberships'] {
  if (node.op === '&&' || node.op === '||') {
    const [left, right] = node.args.map(membershipsOf);
    if (left === undefined || right === undefined) return undefined;
    return node.op === '&&' ? [...left, ...right] : oneOfBoth(left, right);
  }
  const found = node.op === '==' ? equality(node.args) : node.op === 'in' ? inList(node.args) : undefined;
  return found && [found];
}

/**
 * Either of two memberships of one name is a membership in both lists together. Other alternatives have no such form.
 */
function oneOfBoth(
  [left, ...lefts]: readonly Membership[],
  [right, ...rights]: readonly Membership[],
): Condition['memberships'] {
  if (left === undefined || left.name !== right?.name || lefts.length > 0 || rights.length > 0)
    return undefined;
  return [{ name: left.name, among: [...left.among, ...right.among] }];
}

type Sides = readonly [ASTNode, ASTNode];

function equality([left, right]: Sides): Membership | undefined {
  const name = memberOf(left, 'record') ?? memberOf(right, 'record');
  const comparand = comparandOf(memberOf(left, 'record') === undefined ? left : right, 'string');
  return name === undefined || comparand === undefined ? undefined : { name, among: [comparand] };
}

function inList([left, right]: Sides): Membership | undefined {
  const name = memberOf(left, 'record');
  if (name === undefined) return undefined;
  if (right.op !== 'list') {
    const comparand = comparandOf(right, 'list<string>');
    return comparand && { name, among: [comparand] };
  }
  const words = right.args.map((item) => comparandOf(item, 'string'));
  // In CEL a list with an unknown item is unknown as a whole, unlike alternatives joined by `||`.
  const among = words.filter((word) => word !== undefined && 'word' in word);
  return among.length === words.length ? { name, among } : undefined;
}

function memberOf(node: ASTNode, variable: string): string | undefined {
  const member = memberIn(node);
  return member?.variable === variable ? member.name : undefined;
}

function comparandOf(
  node: ASTNode,
  type: (typeof PRINCIPAL_ATTRIBUTES)[PrincipalAttribute],
): Comparand | undefined {
  if (type === 'string' && node.op === 'value' && typeof node.args === 'string') return { word: node.args };
  const attribute = memberOf(node, 'principal');
  if (attribute === undefined || !isPrincipalAttribute(attribute)) return undefined;
  return PRINCIPAL_ATTRIBUTES[attribute] === type ? { attribute } : undefined;
}
