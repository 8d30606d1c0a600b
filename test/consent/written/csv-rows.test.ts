import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRow, csvRows } from '../../../src/consent/written/csv-rows.ts';

/** @param size of the chunks */
async function rowsOf(text: string | Buffer, { size = 1_000, bytesMax = 1_000 } = {}): Promise<CsvRow[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const rows: CsvRow[] = [];
  for await (const one of csvRows(chunks(), bytesMax)) rows.push(one);
  return rows;
}

const row = (line: number, ...cells: string[]) => ({ line, cells });
const wrong = (line: number, problem: RegExp) => ({
  line,
  cells: undefined,
  problem: expect.stringMatching(problem),
});

describe('rows of CSV', () => {
  it.each<[what: string, text: string, rows: readonly unknown[]]>([
    ['nothing', '', []],
    ['cells', 'a,b\n1,2\n', [row(1, 'a', 'b'), row(2, '1', '2')]],
    ['no line end at the end', 'a,b\r\n1,', [row(1, 'a', 'b'), row(2, '1', '')]],
    ['a byte order mark', '\uFEFFa\n', [row(1, 'a')]],
    ['nothing but a byte order mark', '\uFEFF', []],
    ['empty lines, which are passed over', '\r\na\n\n\r\nb', [row(2, 'a'), row(5, 'b')]],
    ['quotes', '"a,1","b ""x""",""\n', [row(1, 'a,1', 'b "x"', '')]],
    ['line ends within quotes', '"a\r\nb",c\r\nd,e\r\n', [row(1, 'a\r\nb', 'c'), row(3, 'd', 'e')]],
    ['a quote within a cell', 'a"b,c\nd,e\n', [wrong(1, /quote/), row(2, 'd', 'e')]],
    ['text after a quoted cell', '"a"b,c\nd,e\n', [wrong(1, /quote/), row(2, 'd', 'e')]],
    ['a return alone', 'a\rb\nc\n', [wrong(1, /line end/), row(2, 'c')]],
    ['a quote that ends too late', 'a\n"b,c\nd\n"e"\n', [row(1, 'a'), wrong(2, /quote/)]],
    [
      'a quote that does not end, at the end',
      'a\n"b,c\nd\n',
      [row(1, 'a'), wrong(2, /does not end/), row(3, 'd')],
    ],
  ])('%s', async (_, text, rows) => {
    expect(await rowsOf(text)).toEqual(rows);
  });

  it('says which row is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff]), Buffer.from('\nb\n')]);
    expect(await rowsOf(bytes)).toEqual([row(1, 'a'), wrong(2, /UTF-8/), row(3, 'b')]);
  });

  it('gives up rows that are too long, and holds no more than one of them', async () => {
    const long = 'x'.repeat(300);
    const options = { size: 7, bytesMax: 50 };
    expect(await rowsOf(`a\n${long}\nb\n`, options)).toEqual([
      row(1, 'a'),
      wrong(2, /more than 50/),
      row(3, 'b'),
    ]);
    expect(await rowsOf(`"${long}\nb\n`, options)).toEqual([wrong(1, /does not end/), row(2, 'b')]);
  });

  it('are the same whatever the chunks, and what a CSV library reads', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', ' '), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (cells, size) => {
        const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
        const text = cells.map((one) => `${one.map(quoted).join(',')}\r\n`).join('');
        const rows = await rowsOf(text, { size });
        expect(rows.map((one) => one.cells)).toEqual(cells);
        expect(parse(text, { relax_column_count: true })).toEqual(cells);
      }),
    );
  });
});
