import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { CONTAINER } from '../../../src/media/json/kind.ts';
import {
  RUN_APART,
  RUN_CLOSES,
  RUN_END,
  RUN_FLAGS,
  RUN_KIND_BITS,
  RUN_STRIDE,
  runReaderOf,
} from '../../../src/media/json/runs/run-reader.ts';
import { NameTable } from '../../../src/media/name-table.ts';
import { policyOf } from '../documents.ts';
import { handlerOf, jsonRewriter, rewrite } from '../engine.ts';
import { SALESFORCE_PAGE, salesforcePage } from '../salesforce-page.ts';
import { assembleRuns, RUNS_FILE } from './assemble.ts';

/** A table that has learned to expect these names one after the other, the first of them again after the last. */
function tableOf(...names: readonly string[]): NameTable {
  const table = new NameTable(100);
  const ids = names.map((name) => table.internText(name));
  for (const [index, id] of ids.entries()) table.cards.follows(id, ids[(index + 1) % ids.length]!);
  return table;
}

/** The values that a run over `text` takes, beginning with the name `first`; `}` for the end of an object. */
function taken(table: NameTable, text: string, first: string, length = text.length): string[] {
  const reader = runReaderOf(table)!;
  reader.forget();
  const count = reader.read(Buffer.from(text), 1, length, table.findText(first), -1);
  return Array.from({ length: count }, (_, row) => {
    const [, , start = 0, end = 0, flags = 0] = reader.rows.subarray(
      row * RUN_STRIDE,
      (row + 1) * RUN_STRIDE,
    );
    if ((flags & RUN_CLOSES) !== 0) return '}';
    return (flags & RUN_KIND_BITS) === CONTAINER ? '{' : text.slice(start + reader.shift, end + reader.shift);
  });
}

describe('the code that reads runs', () => {
  it('is what runs.wat says', async () => {
    expect(readFileSync(RUNS_FILE, 'utf8')).toBe(await assembleRuns());
  });

  it('can be done without', () => {
    const rewritten = (names: NameTable) =>
      rewrite(jsonRewriter(SALESFORCE_PAGE, handlerOf(policyOf(7)), { names }), salesforcePage(20));
    const names = new NameTable(1_000);
    expect(runReaderOf(names)).toBeDefined();
    const withRuns = rewritten(names);
    expect(rewritten(names)).toBe(withRuns);
    vi.stubGlobal('WebAssembly', undefined);
    try {
      const without = new NameTable(1_000);
      expect(runReaderOf(without)).toBeUndefined();
      expect(rewritten(without)).toBe(withRuns);
      expect(rewritten(without)).toBe(withRuns);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('a run', () => {
  const abc = () => tableOf('a', 'b', 'c');

  it.each([
    ['strings', '{"a":"x","b":"","c":"zz"}', ['"x"', '""', '"zz"']],
    ['escapes', '{"a":"\\"\\u00e9\\\\","b":"\\n"}', ['"\\"\\u00e9\\\\"', '"\\n"']],
    ['literals', '{"a":null,"b":true,"c":false}', ['null', 'true', 'false']],
    ['numbers', '{"a":-0.5e+10,"b":12345678901234567890,"c":0}', ['-0.5e+10', '12345678901234567890', '0']],
    ['objects', '{"a":{},"b":"x"}', ['{', '}', '"x"']],
    ['a long text', `{"a":"${'x'.repeat(500)}","b":1}`, [`"${'x'.repeat(500)}"`, '1']],
    ['names again and again', '{"a":1,"b":2,"c":3,"a":4}', ['1', '2', '3', '4']],
  ])('takes %s', (_, text, values) => {
    expect(taken(abc(), text, 'a')).toEqual(values);
  });

  it.each([
    ['an unexpected name', '{"a":1,"x":2}'],
    ['a name that begins alike', '{"a":1,"bb":2}'],
    ['a name with an escape', '{"a":1,"\\u0062":2}'],
    ['an array', '{"a":1,"b":[2]}'],
    ['a space before a name', '{"a":1, "b":2}'],
    ['a space before a value', '{"a":1,"b": 2}'],
    ['a space before a colon', '{"a":1,"b" :2}'],
    ['a leading zero', '{"a":1,"b":02}'],
    ['half a number', '{"a":1,"b":2.}'],
    ['half a literal', '{"a":1,"b":nul}'],
    ['a control character', '{"a":1,"b":"\n"}'],
    ['an unknown escape', '{"a":1,"b":"\\x"}'],
    ['half an escape', '{"a":1,"b":"\\u12g4"}'],
    ['a string that does not end', '{"a":1,"b":"2}'],
  ])('ends before %s', (_, text) => {
    expect(taken(abc(), text, 'a')).toEqual(['1']);
  });

  it('takes what is complete, however much of the text has come', () => {
    const text = '{"a":"\\u00e9","b":{"x":null},"c":-1.5e3}';
    const table = abc();
    const x = table.internText('x');
    table.cards.opens(table.findText('b'), x);
    const whole = taken(table, text, 'a');
    expect(whole).toEqual(['"\\u00e9"', '{', 'null', '}', '-1.5e3']);
    for (let length = 1; length <= text.length; length++)
      expect(whole.slice(0, taken(table, text, 'a', length).length)).toEqual(taken(table, text, 'a', length));
    expect(taken(table, text, 'a', text.length - 1)).toEqual(whole.slice(0, 4));
  });

  it('never takes what only stale bytes complete', () => {
    const table = abc();
    taken(table, '{"a":"xxxx","b":"yyyy","c":1}', 'a');
    for (const cut of ['{"a":"xx', '{"a":"xxxx"', '{"a":', '{"a'])
      expect(taken(table, cut, 'a'), cut).toEqual([]);
  });

  it('finds its way where two names take turns after one', () => {
    const table = tableOf('a', 'b');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => table.internText(name));
    table.cards.follows(a!, c!);
    table.cards.follows(c!, a!);
    table.cards.follows(b!, a!);
    expect(taken(table, '{"a":1,"b":2,"a":3,"c":4}', 'a')).toEqual(['1', '2', '3', '4']);
  });

  it('says of which names a shape speaks', () => {
    const table = abc();
    table.cards.setApart(table.findText('b'));
    expect(taken(table, '{"a":1,"b":2,"c":3}', 'a')).toHaveLength(3);
    const { rows } = runReaderOf(table)!;
    expect([0, 1, 2].map((row) => (rows[row * RUN_STRIDE + RUN_FLAGS]! & RUN_APART) !== 0)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('ends where the rows or the objects in objects are too many', () => {
    const table = tableOf('a');
    table.cards.opens(0, 0);
    expect(taken(table, `{${'"a":1,'.repeat(3_000)}"a":1}`, 'a')).toHaveLength(1_000);
    expect(taken(table, `{${'"a":{'.repeat(100)}`, 'a')).toHaveLength(16);
  });

  it('goes on through a text longer than what is loaded at once', () => {
    const table = tableOf('a');
    const text = Buffer.from(`{${`"a":"${'x'.repeat(990)}",`.repeat(200)}"a":1}`);
    const reader = runReaderOf(table)!;
    reader.forget();
    let members = 0;
    for (let at = 1; ; ) {
      const count = reader.read(text, at, text.length, 0, -1);
      if (count === 0) break;
      members += count;
      expect(reader.end).toBe(reader.rows[(count - 1) * RUN_STRIDE + RUN_END]! + reader.shift);
      at = reader.end + 1;
    }
    expect(members).toBe(201);
  });
});
