import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { type Condition, createConditionCompiler } from '../../src/policy/condition.ts';
import { caller, operation } from './fixture.ts';

const compiler = createConditionCompiler(DEFAULT_LIMITS);

function compiled(source: string): Condition {
  const condition = compiler.compile(source);
  if ('message' in condition) throw new Error(condition.message);
  return condition;
}

describe('conditions', () => {
  it('know what they read before they run', () => {
    expect(compiled('record.a == principal.id && operation.objects.exists(o, o == record.b)')).toMatchObject({
      recordNames: ['a', 'b'],
      principalNames: ['id'],
      readsObjects: true,
      memberships: undefined,
    });
  });

  it.each([
    ['record.a == "x"', [{ name: 'a', among: [{ word: 'x' }] }]],
    ['"x" == record.a', [{ name: 'a', among: [{ word: 'x' }] }]],
    [
      'record.a == principal.region && (record.b == "y" && record.c == "z")',
      [
        { name: 'a', among: [{ attribute: 'region' }] },
        { name: 'b', among: [{ word: 'y' }] },
        { name: 'c', among: [{ word: 'z' }] },
      ],
    ],
    ['record.a == record.b', undefined],
    ['record.a != "x"', undefined],
    ['!(record.a == "x")', undefined],
    ['record.a == "x" || record.b == "y"', undefined],
    ['record.a == "x" && has(record.b)', undefined],
    ['principal.id == "x"', undefined],
    ['record.a in ["x", "y"]', [{ name: 'a', among: [{ word: 'x' }, { word: 'y' }] }]],
    ['record.a in principal.team', [{ name: 'a', among: [{ attribute: 'team' }] }]],
    [
      'record.a == principal.crmUserId || record.a in principal.team',
      [{ name: 'a', among: [{ attribute: 'crmUserId' }, { attribute: 'team' }] }],
    ],
    [
      '(record.a == "x" || record.a == "y") && record.b in principal.levels',
      [
        { name: 'a', among: [{ word: 'x' }, { word: 'y' }] },
        { name: 'b', among: [{ attribute: 'levels' }] },
      ],
    ],
    ['record.a == "x" || (record.a == "y" && record.b == "z")', undefined],
    ['record.a in ["x", principal.crmUserId]', undefined],
    ['"x" in principal.team', undefined],
    ['record.a == principal.region || principal.id == "x"', undefined],
  ])('%s says which values may stand in which field: %j', (source, memberships) => {
    expect(compiled(source).memberships).toEqual(memberships);
  });

  it.each([
    ['principal.level == "junior"', undefined],
    ['principal.level == "junior" || true', true],
    ['operation.kind == "read" && "support" in principal.roles', true],
    ['timestamp(principal.id) > timestamp("2024-01-01T00:00:00Z")', undefined],
    ['"a" in principal.purposes', false],
  ])('%s gives %s where facts are missing', (source, expected) => {
    const input = { principal: caller(), operation: operation('read') };
    expect(compiled(source).evaluate(input)).toBe(expected);
  });

  it.each([
    ['too many parts', Array.from({ length: 100 }, () => 'record.a == "x"').join(' || ')],
    ['too much nesting', `${'!('.repeat(50)}true${')'.repeat(50)}`],
    ['a variable hidden by a macro', '["x"].all(record, record == "x")'],
    ['a bound variable', 'cel.bind(r, record, r.a == "x")'],
    ['the principal as a whole', 'principal == principal'],
    ['an index instead of a name', 'record["a"] == "x"'],
  ])('refuse %s', (_, source) => {
    expect(compiler.compile(source)).toHaveProperty('message');
  });

  it('are the same for every caller: one evaluation leaves nothing behind for the next', () => {
    const condition = compiled('principal.id == "ana" && record.a == "x"');
    const evaluate = (id: string, a: string) =>
      condition.evaluate({
        principal: caller({ id }),
        operation: operation('read'),
        record: new Map([['a', a]]),
      });
    expect([evaluate('ana', 'x'), evaluate('bob', 'x'), evaluate('ana', 'y'), evaluate('ana', 'x')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
