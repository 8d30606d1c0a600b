import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvRewriter, createDeferringCsvRewriter } from '../../src/media/csv/csv-rewriter.ts';
import { DELIMITERS, type Delimiter } from '../../src/media/csv/delimiter.ts';
import type { DocumentHandler } from '../../src/media/record.ts';
import { MediaError } from '../../src/media/rewriter.ts';
import { policyOf } from './documents.ts';
import {
  chunksOf,
  deciding,
  drive,
  handlerOf,
  later,
  laterUnlessUntouched,
  NAMES,
  rewrite,
  UNTOUCHED,
} from './engine.ts';
import type { Policy } from './reference.ts';

const LIMITS = { recordBytesMax: 200, csvColumnsMax: 8 };

interface CsvOptions {
  delimiter?: Delimiter;
  dryRun?: boolean;
  isDropped?: (name: string) => boolean;
}

const csv = (handler: DocumentHandler, options: CsvOptions = {}) =>
  createCsvRewriter({ object: 'Contact', handler, names: NAMES, limits: LIMITS, ...options });

/** Edits fields by name; drops rows in which a cell says `drop`. */
const handler = (edits: Record<string, string | null>): DocumentHandler => ({
  record(record) {
    let keep = true;
    for (let index = 0; index < record.size; index++) {
      if (record.text(index) === 'drop') keep = false;
      const edit = edits[record.name(index)];
      if (edit === null) record.remove(index);
      else if (edit !== undefined) record.setString(index, edit);
    }
    return keep;
  },
  special: () => undefined,
});

const parserOptions = (delimiter: string) => ({
  delimiter,
  relax_column_count: true,
  skip_empty_lines: false,
});

describe('the CSV rewriter', () => {
  it.each([
    [
      'edits one cell and leaves the rest',
      'Id,Email\n1,a@b.c\n2,d\n',
      { Email: '***' },
      'Id,Email\n1,***\n2,***\n',
    ],
    ['keeps CRLF', 'Id,Email\r\n1,a\r\n', { Email: '***' }, 'Id,Email\r\n1,***\r\n'],
    ['keeps a last row without line end', 'Id,Email\n1,a', { Email: '***' }, 'Id,Email\n1,***'],
    [
      'keeps the quotes of an edited cell',
      '"Id","Email"\n"1","a"\n',
      { Email: '*' },
      '"Id","Email"\n"1","*"\n',
    ],
    ['quotes what needs it', 'Id,Email\n1,a\n', { Email: 'x,"y"\n' }, 'Id,Email\n1,"x,""y""\n"\n'],
    ['empties a removed cell', 'Id,Email\n1,"a"\n', { Email: null }, 'Id,Email\n1,\n'],
    ['leaves no empty line behind', 'Email\na\n', { Email: null }, 'Email\n""\n'],
    [
      'reads doubled quotes and quoted line ends',
      'A,B\n"drop","x\n"\n"a ""q""",2\n',
      {},
      'A,B\n"a ""q""",2\n',
    ],
    ['takes rows out with their line end', 'A,B\n1,drop\n2,x\n3,drop', {}, 'A,B\n2,x\n'],
    ['takes all rows out', 'A,B\n1,drop\n2,drop\n', {}, 'A,B\n'],
    ['keeps a byte order mark', '\uFEFFEmail,B\na,b\n', { Email: '*' }, '\uFEFFEmail,B\n*,b\n'],
    ['edits every column of a name', 'Email,B,Email\na,b,c\n', { Email: '*' }, 'Email,B,Email\n*,b,*\n'],
    ['passes over blanks around header names', 'A, Email \na,b\n', { Email: '*' }, 'A, Email \na,*\n'],
    [
      'passes over marks before them',
      '\uFEFF\uFEFFEmail,\u00a0B\na,b\n',
      { Email: '1', B: '2' },
      '\uFEFF\uFEFFEmail,\u00a0B\n1,2\n',
    ],
    ['lets columns without a name be empty', 'Email,,\na,,""\n', { Email: '*' }, 'Email,,\n*,,""\n'],
    ['unquotes header names', '"E""m",B\na,b\n', { 'E"m': '*' }, '"E""m",B\n*,b\n'],
    ['tells a semicolon', 'A;Email\n1,5;x\n', { Email: '*' }, 'A;Email\n1,5;*\n'],
    ['tells a tab', 'A\tEmail\n1\tx\n', { Email: '*' }, 'A\tEmail\n1\t*\n'],
    [
      'does not take a quoted character for the delimiter',
      '"A;x",Email\n1,x\n',
      { Email: '*' },
      '"A;x",Email\n1,*\n',
    ],
    ['lets a header alone pass', 'Id,Email', { Email: '*' }, 'Id,Email'],
    ['lets an empty body pass', '', { Email: '*' }, ''],
    ['keeps non-ASCII text', 'Id,Näme\n1,Å€😀\n2,drop\n', {}, 'Id,Näme\n1,Å€😀\n'],
  ] satisfies [string, string, Record<string, string | null>, string][])(
    '%s',
    (_name, body, edits, output) => {
      for (const cuts of [[], Array.from(Buffer.from(body).keys())])
        expect(rewrite(csv(handler(edits)), body, cuts)).toBe(output);
    },
  );

  it.each([
    ['a row with more cells than the header', 'A,B\n1,2,3\n', 'malformed'],
    ['a row with fewer cells than the header', 'A,B\n1\n', 'malformed'],
    ['an empty line', 'A,B\n\n1,2\n', 'malformed'],
    ['a quote inside a cell', 'A,B\n1,x"y\n', 'malformed'],
    ['text after a closing quote', 'A,B\n1,"x"y\n', 'malformed'],
    ['a quoted cell without end', 'A,B\n1,"x\n', 'malformed'],
    ['a lone carriage return', 'A,B\n1,x\ry\n', 'malformed'],
    ['a carriage return at the end', 'A,B\n1,x\r', 'malformed'],
    ['a NUL', 'A,B\n1,\0\n', 'malformed'],
    ['a NUL in quotes', 'A,B\n1,"\0"\n', 'malformed'],
    ['a cell under no name', 'Report,\nEmail,B\na,b\n', 'malformed'],
    ['a first row that names the delimiter', 'sep=;\nA;Email\n1;x\n', 'ambiguous'],
    ['one in quotes', '"SEP=,"\nA,Email\n1,x\n', 'ambiguous'],
    ['a header with two possible delimiters', 'A,B;C\n1,2\n', 'ambiguous'],
    ['a row over the limit', `A,B\n1,${'x'.repeat(200)}\n`, 'limit'],
    ['a header over the limit', `A,${'x'.repeat(200)}`, 'limit'],
    ['too many columns', 'A,B,C,D,E,F,G,H,I\n', 'limit'],
  ])('refuses %s', (_name, body, reason) => {
    for (const cuts of [[], Array.from(Buffer.from(body).keys())]) {
      const { error } = drive(csv(UNTOUCHED), chunksOf(Buffer.from(body), cuts));
      expect(error).toBeInstanceOf(MediaError);
      expect((error as MediaError).reason).toBe(reason);
    }
  });

  it('refuses text that is not UTF-8', () => {
    const { error } = drive(csv(UNTOUCHED), [Buffer.from('A,B\n1,'), Buffer.from([0xe9, 0x0a])]);
    expect(error).toBeInstanceOf(MediaError);
  });

  it('says an empty cell is null and every other a string', () => {
    const kinds: string[] = [];
    const record: DocumentHandler['record'] = (row) => {
      for (let index = 0; index < row.size; index++) kinds.push(row.kind(index));
      return true;
    };
    rewrite(csv({ record, special: () => undefined }), 'A,B,C\n,"",0\n');
    expect(kinds).toEqual(['null', 'null', 'string']);
  });

  it('changes nothing in a dry run, though the handler is asked', () => {
    expect(rewrite(csv(handler({ B: '*' }), { dryRun: true }), 'A,B\n1,drop\n', [3, 7])).toBe(
      'A,B\n1,drop\n',
    );
  });

  const cellArb = fc.oneof(
    fc.constantFrom('', 'a', 'CANARY', '0', 'x y'),
    fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r\n', 'é', '😀', ' '), maxLength: 6 }),
  );
  const fileArb = fc
    .record({
      delimiter: fc.constantFrom(...DELIMITERS),
      end: fc.constantFrom('\n', '\r\n'),
      rows: fc.integer({ min: 2, max: 4 }).chain((columns) =>
        fc.array(fc.array(fc.tuple(cellArb, fc.boolean()), { minLength: columns, maxLength: columns }), {
          minLength: 1,
          maxLength: 6,
        }),
      ),
      last: fc.boolean(),
    })
    .map(({ delimiter, end, rows, last }) => {
      const cell = ([text, quoted]: [string, boolean], column: number, row: number) =>
        row === 0
          ? `N${column}`
          : quoted || /["\r\n]/.test(text) || text.includes(delimiter)
            ? `"${text.replaceAll('"', '""')}"`
            : text;
      const lines = rows.map((cells, row) =>
        cells.map((one, column) => cell(one, column, row)).join(delimiter),
      );
      return { delimiter, body: lines.join(end) + (last ? end : '') };
    });

  it('agrees with an independent parser on every file, edit, omission and split', () => {
    fc.assert(
      fc.property(fileArb, fc.nat(), fc.array(fc.nat(300)), ({ delimiter, body }, seed, cuts) => {
        const policy: Policy = policyOf(seed);
        const [header = [], ...rows] = parse(body, parserOptions(delimiter));
        const expected = rows
          .filter((row) => policy.keeps('Contact', undefined, row))
          .map((row) =>
            row.map((text, column) => {
              const edit = policy.edit(
                'Contact',
                header[column] ?? '',
                text === '' ? 'null' : 'string',
                text,
              );
              if (edit.to === 'string') return edit.text;
              return edit.to === 'keep' ? text : '';
            }),
          );
        const rewriter = createCsvRewriter({
          object: 'Contact',
          handler: handlerOf(policy),
          names: NAMES,
          limits: { recordBytesMax: 4_096, csvColumnsMax: 8 },
        });
        const output = rewrite(rewriter, body, cuts);
        expect(parse(output, parserOptions(delimiter))).toEqual([header, ...expected]);
      }),
      { numRuns: 1_500 },
    );
  });

  it.each([1, 2, 3, 1_000])(
    'gives the same bytes where rows are decided on later, %i chunks at a time',
    (chunksMax) => {
      fc.assert(
        fc.property(fileArb, fc.nat(), fc.array(fc.nat(300)), ({ body }, seed, cuts) => {
          const options = {
            object: 'Contact',
            names: NAMES,
            limits: { recordBytesMax: 4_096, csvColumnsMax: 8 },
          };
          const handler = handlerOf(policyOf(seed));
          const whole = drive(createCsvRewriter({ ...options, handler }), chunksOf(Buffer.from(body), []));
          for (const noting of [later(handler), laterUnlessUntouched(handler)]) {
            const deferring = createDeferringCsvRewriter({ ...options, handler: noting });
            const split = drive(deciding(deferring, chunksMax), chunksOf(Buffer.from(body), cuts));
            expect(split).toEqual(whole);
          }
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each<[what: string, names: readonly string[], body: string, output: string]>([
    ['at the end', ['Email', 'Phone'], 'Id,Email,Phone\n1,a,2\n', 'Id\n1\n'],
    ['at the beginning', ['Id', 'Email'], 'Id,Email,Phone\r\n1,"a,b",2\r\n', 'Phone\r\n2\r\n'],
    ['in between', ['Email'], '"Id","Email","Phone"\n"1","a",', '"Id","Phone"\n"1",'],
    ['beside an only cell that is empty', ['Email'], 'Id,Email\n,a\n', 'Id\n""\n'],
    ['never all', ['Id', 'Email'], 'Id,Email\n1,a\n', 'Id,Email\n1,a\n'],
  ])('takes columns out %s', (_, names, body, output) => {
    expect(rewrite(csv(UNTOUCHED, { isDropped: (name) => names.includes(name) }), body)).toBe(output);
  });

  it('takes columns out whatever else is edited, at once and later', () => {
    const limits = { recordBytesMax: 4_096, csvColumnsMax: 8 };
    fc.assert(
      fc.property(
        fileArb,
        fc.nat(),
        fc.nat(255),
        fc.array(fc.nat(300)),
        ({ body, delimiter }, seed, mask, cuts) => {
          const read = (text: string) => parse(text, parserOptions(delimiter));
          const [header = []] = read(body);
          const isAnyKept = header.some((name) => (mask & (1 << (name.length % 8))) === 0);
          const isDropped = (name: string) => isAnyKept && (mask & (1 << (name.length % 8))) !== 0;
          const options = { object: 'Contact', names: NAMES, limits, handler: handlerOf(policyOf(seed)) };
          const all = rewrite(createCsvRewriter(options), body, cuts);
          const some = rewrite(createCsvRewriter({ ...options, isDropped }), body, cuts);
          const kept = (row: readonly string[]) => row.filter((_, at) => !isDropped(header[at] ?? ''));
          expect(read(some)).toEqual(read(all).map(kept));
          for (const handler of [later(options.handler), laterUnlessUntouched(options.handler)]) {
            const deferring = createDeferringCsvRewriter({ ...options, isDropped, handler });
            expect(rewrite(deciding(deferring, 2), body, cuts)).toBe(some);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves every byte alone where nothing is edited, and throws nothing but MediaError', () => {
    const bytes = fc.string({
      unit: fc.constantFrom('A', '"', ',', ';', '\n', '\r', 'é', '\0'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60)), (body, cuts) => {
        const whole = drive(csv(UNTOUCHED), chunksOf(Buffer.from(body), []));
        const split = drive(csv(UNTOUCHED), chunksOf(Buffer.from(body), cuts));
        if (whole.error === undefined) expect(whole.left).toBe(body);
        else expect(whole.error).toBeInstanceOf(MediaError);
        if (split.error === undefined) expect(split.left).toBe(body);
        expect((split.error as MediaError | undefined)?.reason).toBe(
          (whole.error as MediaError | undefined)?.reason,
        );
      }),
      { numRuns: 3_000 },
    );
  });
});
