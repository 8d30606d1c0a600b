import type { Condition, HavingClause, WhereClause } from '@jetstreamapp/soql-parser-js';
import { type Scalar, spelled } from '../../wire/json.ts';
import { failure, malformed } from '../errors.ts';
import { normaliseId } from '../ids.ts';
import type { FieldSchema } from '../schema.ts';
import { datetimeText } from '../store.ts';
import { daysOf } from './dates.ts';
import { compareScalars } from './order.ts';
import { asArray, type Query, unquote } from './parse.ts';

export type Predicate<Row> = (row: Row) => boolean;

/** What WHERE is about: how a row's value is read and how a subquery is answered. HAVING uses the same grammar. */
export interface Terms<Row> {
  readonly now: number;
  readonly operand: (condition: Condition) => {
    readonly read: (row: Row) => Scalar;
    readonly field: FieldSchema;
  };
  readonly subquery: (query: Query) => ReadonlySet<string>;
}

type Lexeme = '(' | ')' | 'AND' | 'OR' | 'NOT' | Condition;

const lexemeText = (lexeme: Lexeme | undefined): string => (typeof lexeme === 'string' ? lexeme : '<EOF>');

/** The parser gives a chain with counted parentheses; here it becomes lexemes again. */
export function lexemesOf(clause: WhereClause | HavingClause): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let at: WhereClause | HavingClause | undefined = clause;
  while (at) {
    const { left } = at;
    const parens = (left ?? {}) as { openParen?: number; closeParen?: number };
    lexemes.push(...Array<Lexeme>(parens.openParen ?? 0).fill('('));
    if (left && 'operator' in left) lexemes.push(left as Condition);
    lexemes.push(...Array<Lexeme>(parens.closeParen ?? 0).fill(')'));
    if (!('operator' in at)) break;
    lexemes.push(at.operator);
    at = at.right;
  }
  return lexemes;
}

/** A literal as a value of the field's type. @throws AnswerError INVALID_FIELD when it cannot be one */
function literalOf(field: FieldSchema, text: string, type: string | undefined): Scalar {
  const mismatch = () =>
    failure(
      400,
      'INVALID_FIELD',
      `value of filter criterion for field '${field.name}' must be of type ${field.type} and should ${text.startsWith("'") ? 'not ' : ''}be enclosed in quotes`,
    );
  switch (type ?? '') {
    case 'NULL':
      return null;
    case 'BOOLEAN':
      if (field.type !== 'boolean') throw mismatch();
      return text.toLowerCase() === 'true';
    case 'STRING': {
      if (['boolean', 'currency', 'double', 'int', 'date', 'datetime'].includes(field.type)) throw mismatch();
      const value = unquote(text);
      return field.type === 'id' || field.type === 'reference' ? normaliseId(value) : value;
    }
    case 'DATE':
      return text;
    case 'DATETIME':
      return datetimeText(Date.parse(text));
    default:
      if (!/^[+-]?\d*\.?\d+$/.test(text)) throw malformed(`unexpected token: ${text}`);
      if (!['currency', 'double', 'int'].includes(field.type)) throw mismatch();
      return spelled(text);
  }
}

function likePattern(literal: string): RegExp {
  const pattern = unquote(literal, true).replace(
    /\\([%_])|[%_]|[\\^$.*+?()[\]{}|/]/g,
    (sign, wildcard: string | undefined) =>
      wildcard ?? (sign === '%' ? '[^]*' : sign === '_' ? '[^]' : `\\${sign}`),
  );
  return new RegExp(`^${pattern}$`, 'iu');
}

type Test = (value: Scalar) => boolean;

function dateTest(operator: string, field: FieldSchema, literal: string, now: number): Test {
  const { from, until } = daysOf(literal, now);
  const mark = (text: string): string => (field.type === 'datetime' ? `${text}T00:00:00.000+0000` : text);
  const [start, end] = [mark(from), mark(until)];
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    '=': (value) => value >= start && value < end,
    '!=': (value) => value < start || value >= end,
    '<': (value) => value < start,
    '<=': (value) => value < end,
    '>': (value) => value >= end,
    '>=': (value) => value >= start,
  };
  const test = tests[operator];
  if (!test) throw malformed(`unexpected token: ${operator}`);
  return (value) => (typeof value === 'string' ? test(value) : operator === '!=');
}

function comparison(operator: string, wanted: Scalar): Test {
  const equals: Test = (value) =>
    value === null || wanted === null ? value === wanted : compareScalars(value, wanted) === 0;
  const ordered =
    (holds: (order: number) => boolean): Test =>
    (value) =>
      value !== null && wanted !== null && holds(compareScalars(value, wanted));
  switch (operator) {
    case '=':
      return equals;
    case '!=':
      return (value) => !equals(value);
    case '<':
      return ordered((order) => order < 0);
    case '<=':
      return ordered((order) => order <= 0);
    case '>':
      return ordered((order) => order > 0);
    case '>=':
      return ordered((order) => order >= 0);
    default:
      throw malformed(`unexpected token: ${operator}`);
  }
}

const keyOf = (value: Scalar): string =>
  value === null
    ? ''
    : typeof value === 'object'
      ? String(Number(value.spelling))
      : String(value).toLowerCase();

function membership(isNegated: boolean, wanted: ReadonlySet<string>): Test {
  return (value) => wanted.has(keyOf(value)) !== isNegated;
}

function testOf<Row>(condition: Condition, field: FieldSchema, terms: Terms<Row>): Test {
  if (!('operator' in condition)) throw malformed('unexpected token: (');
  const operator = condition.operator.toUpperCase();
  const types = asArray<string>(condition.literalType);
  if ('valueQuery' in condition)
    return membership(operator === 'NOT IN', terms.subquery(condition.valueQuery as Query));
  const values = asArray<string>(condition.value);
  const [first = ''] = values;
  if (operator === 'IN' || operator === 'NOT IN') {
    if (!Array.isArray(condition.value)) throw malformed(`unexpected token: ${first}`);
    return membership(
      operator === 'NOT IN',
      new Set(values.map((value, index) => keyOf(literalOf(field, value, types[index] ?? types[0])))),
    );
  }
  if (operator === 'LIKE') {
    if (types[0] !== 'STRING') throw malformed(`unexpected token: ${first}`);
    const pattern = likePattern(first);
    return (value) => typeof value === 'string' && pattern.test(value);
  }
  if (types[0] === 'DATE_LITERAL' || types[0] === 'DATE_N_LITERAL')
    return dateTest(operator, field, first, terms.now);
  return comparison(operator, literalOf(field, first, types[0]));
}

/** Compiles WHERE or HAVING. AND and OR on one level need parentheses, as with the vendor. @throws AnswerError */
export function compileWhere<Row>(clause: WhereClause | HavingClause, terms: Terms<Row>): Predicate<Row> {
  const lexemes = lexemesOf(clause);
  let at = 0;
  const unary = (): Predicate<Row> => {
    const lexeme = lexemes[at];
    at += 1;
    if (lexeme === 'NOT') {
      const inner = unary();
      return (row) => !inner(row);
    }
    if (lexeme === '(') {
      const inner = chain();
      if (lexemes[at] !== ')') throw malformed('expecting a right parentheses');
      at += 1;
      return inner;
    }
    if (lexeme === undefined || typeof lexeme === 'string')
      throw malformed(`unexpected token: ${lexeme ?? '<EOF>'}`);
    const { read, field } = terms.operand(lexeme);
    const test = testOf(lexeme, field, terms);
    return (row) => test(read(row));
  };
  const chain = (): Predicate<Row> => {
    const members = [unary()];
    const connective = lexemes[at];
    while (lexemes[at] === 'AND' || lexemes[at] === 'OR') {
      if (lexemes[at] !== connective) throw malformed(`unexpected token: ${lexemeText(lexemes[at])}`);
      at += 1;
      members.push(unary());
    }
    if (members.length === 1) return members[0] as Predicate<Row>;
    return connective === 'OR'
      ? (row) => members.some((member) => member(row))
      : (row) => members.every((member) => member(row));
  };
  const predicate = chain();
  if (at < lexemes.length) throw malformed(`unexpected token: ${lexemeText(lexemes[at])}`);
  return predicate;
}
