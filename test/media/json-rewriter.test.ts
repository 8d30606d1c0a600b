import { describe, expect, it } from 'vitest';
import { NameTable } from '../../src/media/name-table.ts';
import type { DocumentHandler, RecordCursor, SpecialKind } from '../../src/media/record.ts';
import type { MediaError } from '../../src/media/rewriter.ts';
import type { Shape } from '../../src/model/shape.ts';
import {
  chunksOf,
  deferringJsonRewriter,
  drive,
  jsonRewriter,
  LIMITS,
  later,
  NAMES,
  type RewriteOptions,
  rewrite,
  UNTOUCHED,
} from './engine.ts';
import { INVALID_JSON } from './invalid-json.ts';
import { SALESFORCE_PAGE, SALESFORCE_RECORD } from './salesforce-page.ts';

const CONTACT: Shape = { is: 'record', object: 'Contact', members: {}, others: 'field' };
const CONTACTS: Shape = { is: 'array', items: CONTACT };

/** Does what the field's own name says: `null…`, `remove…`, `mask…`; a record with a field `drop` is left out. */
const obedient: DocumentHandler = {
  record(record) {
    let keep = true;
    for (let index = 0; index < record.size; index++) {
      const name = record.name(index);
      if (name.startsWith('null')) record.setLiteral(index, 'null');
      if (name.startsWith('remove')) record.remove(index);
      if (name.startsWith('mask')) record.setString(index, '*');
      if (name === 'drop') keep = false;
    }
    return keep;
  },
  special: () => undefined,
};

/** Every way of cutting matters: whole, byte by byte, in the middle. */
function outputs(shape: Shape, body: string, handler: DocumentHandler, options?: RewriteOptions): string[] {
  const bytes = Array.from(Buffer.from(body).keys());
  return [[], bytes, [body.length >> 1]].map((cuts) =>
    rewrite(jsonRewriter(shape, handler, options), body, cuts),
  );
}

function reasons(
  shape: Shape,
  body: string | Buffer,
  handler: DocumentHandler,
  options?: RewriteOptions,
): string[] {
  const bytes = Buffer.from(body);
  return [[], Array.from(bytes.keys())].map((cuts) => {
    const { error } = drive(jsonRewriter(shape, handler, options), chunksOf(bytes, cuts));
    return (error as MediaError | undefined)?.reason ?? 'passed';
  });
}

describe('edits', () => {
  it.each([
    ['masks a string', '{"mask":"a","b":1}', '{"mask":"*","b":1}'],
    [
      'keeps number spellings',
      '{"mask":"a","n":50000.00,"m":12345678901234567890}',
      '{"mask":"*","n":50000.00,"m":12345678901234567890}',
    ],
    [
      'keeps white space and escapes',
      '{ "mask" : "a" ,\n"b":"\\u0041\\/" }',
      '{ "mask" : "*" ,\n"b":"\\u0041\\/" }',
    ],
    ['knows an escaped name', '{"m\\u0061sk":"a"}', '{"m\\u0061sk":"*"}'],
    ['removes the first member', '{"remove":1, "b":2}', '{"b":2}'],
    ['removes a middle member', '{"a":1, "remove":[{}] , "b":2}', '{"a":1 , "b":2}'],
    ['removes the last member', '{"a":1 , "remove":2 }', '{"a":1 }'],
    ['removes the only member', '{ "remove":2 }', '{  }'],
    ['removes all members', '{"remove1":1,"remove2":2,"remove3":3}', '{}'],
    ['removes runs', '{"remove1":1,"remove2":2,"a":0,"remove3":3,"remove4":4,"b":0}', '{"a":0,"b":0}'],
    ['removes duplicates', '{"remove":1,"a":0,"remove":2}', '{"a":0}'],
    ['treats duplicates each', '{"mask":"a","mask":"b"}', '{"mask":"*","mask":"*"}'],
    ['nulls containers whole', '{"null":{"a":[1,{"b":2}]},"c":3}', '{"null":null,"c":3}'],
    ['edits beside removals', '{"remove":1,"mask":"x","remove2":2}', '{"mask":"*"}'],
  ])('%s', (_name, body, output) => {
    expect(new Set(outputs(CONTACT, body, obedient))).toEqual(new Set([output]));
  });

  it.each([
    ['first', '[{"drop":1}, {"a":1}]', '[{"a":1}]'],
    ['middle', '[{"a":1}, {"drop":1} , {"b":1}]', '[{"a":1} , {"b":1}]'],
    ['last', '[{"a":1}, {"drop":1} ]', '[{"a":1} ]'],
    ['only', '[ {"drop":1} ]', '[  ]'],
    ['all', '[{"drop":1},{"drop":2},{"drop":3}]', '[]'],
    ['several at the start', '[{"drop":1},{"drop":2},{"a":1},{"b":1}]', '[{"a":1},{"b":1}]'],
    ['alternating', '[{"drop":1},{"a":1},{"drop":1},{"b":1},{"drop":1}]', '[{"a":1},{"b":1}]'],
    ['before null', '[{"drop":1},null]', '[null]'],
    ['in nested arrays', '[[{"drop":1},{"a":1}],[{"drop":1}],{"a":1,"drop":1}]', '[[{"a":1}],[]]'],
  ])('leaves out records: %s', (_name, body, output) => {
    expect(new Set(outputs(CONTACTS, body, obedient))).toEqual(new Set([output]));
  });

  it('makes null of a record left out as a member, and withholds the document when it is the root', () => {
    const shape: Shape = { is: 'object', members: { c: CONTACT }, others: { is: 'plain' } };
    expect(outputs(shape, '{"c":{"drop":1},"d":2}', obedient)).toContain('{"c":null,"d":2}');
    expect(reasons(CONTACT, '{"drop":1}', obedient)).toEqual(['withheld', 'withheld']);
  });

  it('lets nothing leave before a document that may yet be withheld', () => {
    const chunks = ['\r\n', ' {"drop"', ':1}'].map((chunk) => Buffer.from(chunk));
    const atOnce = jsonRewriter(CONTACT, obedient);
    for (const chunk of chunks.slice(0, 2)) expect(atOnce.push(chunk)).toHaveLength(0);
    expect(() => atOnce.push(Buffer.from(':1}'))).toThrow('The record is left out');
    const deferring = deferringJsonRewriter(CONTACT, later(obedient));
    for (const chunk of chunks) deferring.push(chunk);
    deferring.end();
    expect(() => deferring.next()).toThrow('The record is left out');
  });

  it('changes nothing in a dry run, though the handler is asked', () => {
    const seen: string[] = [];
    const record = (cursor: RecordCursor) => {
      seen.push(cursor.name(0));
      return obedient.record(cursor);
    };
    const body = '[{"mask":"a"},{"drop":1},{"remove":1}]';
    expect(outputs(CONTACTS, body, { ...obedient, record }, { dryRun: true })).toEqual([body, body, body]);
    expect(seen.slice(0, 3)).toEqual(['mask', 'drop', 'remove']);
  });

  it('gives the chunk itself when nothing is edited and nothing held', () => {
    const chunk = Buffer.from('[{"a":1}]');
    expect(jsonRewriter(CONTACTS, UNTOUCHED).push(chunk).buffer).toBe(chunk.buffer);
  });

  it('refuses to write what is no literal', () => {
    const handler = {
      ...UNTOUCHED,
      record(cursor: RecordCursor) {
        cursor.setLiteral(0, '1,"x":2');
        return true;
      },
    };
    expect(() => rewrite(jsonRewriter(CONTACT, handler), '{"a":1}')).toThrow(TypeError);
  });

  it('puts other JSON in the place of a container, and of nothing else', () => {
    const handler = {
      ...UNTOUCHED,
      record(cursor: RecordCursor) {
        cursor.setContainer(0, `{"was":${cursor.text(0)}}`);
        return true;
      },
    };
    expect(rewrite(jsonRewriter(CONTACT, handler), '{"a": [1, {"b":2}] ,"c":3}')).toBe(
      '{"a": {"was":[1, {"b":2}]} ,"c":3}',
    );
    expect(() => rewrite(jsonRewriter(CONTACT, handler), '{"a":1}')).toThrow(TypeError);
  });

  it('brings unpaired surrogates through an edit', () => {
    const handler = {
      ...UNTOUCHED,
      record(cursor: RecordCursor) {
        cursor.setString(0, `${cursor.text(0)}!`);
        return true;
      },
    };
    const output = rewrite(jsonRewriter(CONTACT, handler), '{"a":"\\uD800 \\ud83d\\ude00"}');
    expect(output).toBe('{"a":"\\ud800 😀!"}');
  });
});

/** Object, id and fields of each record, in the order they close. */
function seenIn(shape: Shape, body: string): unknown[] {
  const seen: unknown[] = [];
  const record = (cursor: RecordCursor) => {
    const fields = Array.from({ length: cursor.size }, (_, index) => [
      cursor.name(index),
      cursor.kind(index),
    ]);
    seen.push([cursor.object, cursor.id, Object.fromEntries(fields)]);
    return true;
  };
  rewrite(jsonRewriter(shape, { ...UNTOUCHED, record }), body);
  return seen;
}

describe('records', () => {
  it('know their type wherever it stands', () => {
    const contact = ['Contact', undefined, { Email: 'string' }];
    const type = '"attributes":{"url":"/x","type":"Contact"}';
    expect(seenIn(SALESFORCE_RECORD, `{${type},"Email":"a"}`)).toEqual([contact]);
    expect(seenIn(SALESFORCE_RECORD, `{"Email":"a",${type}}`)).toEqual([contact]);
  });

  it('close inside out: parents and child queries are records, compound fields are not', () => {
    const body = `{"records":[{"attributes":{"type":"Contact"},"MailingAddress":{"city":"x"},
      "Account":{"attributes":{"type":"Account"},"Name":"n"},
      "Cases":{"totalSize":1,"records":[{"Subject":"s","attributes":{"type":"Case"}}]}}]}`;
    expect(seenIn(SALESFORCE_PAGE, body)).toEqual([
      ['Account', undefined, { Name: 'string' }],
      ['Case', undefined, { Subject: 'string' }],
      ['Contact', undefined, { MailingAddress: 'container', Account: 'records', Cases: 'records' }],
    ]);
  });

  it('have an id where the shape says so, and fields one level down', () => {
    const shape: Shape = {
      is: 'record',
      object: 'contacts',
      members: { id: { is: 'id' }, properties: { is: 'fields' } },
      others: { is: 'plain' },
    };
    const body = '{"properties":{"email":"a","n":1},"id":"17","archived":false}';
    expect(seenIn(shape, body)).toEqual([['contacts', '17', { email: 'string', n: 'number' }]]);
    expect(outputs(shape, '{"properties":{"remove":"a","mask":1},"id":1}', obedient)).toContain(
      '{"properties":{"mask":"*"},"id":1}',
    );
  });

  it('are named alike when the name table is full', () => {
    const names = new NameTable(2);
    const body = '{"attributes":{"type":"Contact"},"a":1,"b":2,"c\\u0063":3,"mask":"x"}';
    expect(rewrite(jsonRewriter(SALESFORCE_RECORD, obedient, { names }), body)).toBe(
      body.replace('"x"', '"*"'),
    );
    expect(names.size).toBe(2);
  });

  it('are refused when they say their type or id twice', () => {
    const twice = '{"attributes":{"type":"Contact","type":"Lead"}}';
    expect(reasons(SALESFORCE_RECORD, twice, UNTOUCHED)).toEqual(['ambiguous', 'ambiguous']);
    const apart = '{"attributes":{"type":"Contact"},"attributes":{"type":null}}';
    expect(reasons(SALESFORCE_RECORD, apart, UNTOUCHED)).toEqual(['ambiguous', 'ambiguous']);
  });

  it('leave room for a name that holds a quote or a backslash', () => {
    const body = '[{"a\\"b":1,"mask":"x"},{"a":1,"mask":"x"},{"a\\\\":1,"mask":"x"},{"a\\"b":1,"mask":"x"}]';
    expect(outputs(CONTACTS, body, obedient)[0]).toBe(body.replaceAll('"x"', '"*"'));
  });
});

describe('special values', () => {
  const marked: DocumentHandler = {
    record: () => true,
    special: (kind: SpecialKind, text: string) => (kind === 'count' ? '7' : `${kind}:${text}`),
  };
  const withheld: DocumentHandler = { record: () => true, special: () => null };

  it.each([
    ['a locator', { is: 'locator' }, '"/q/1"', '"locator:/q/1"'],
    ['a url', { is: 'url' }, '"https:\\/\\/x"', '"url:https://x"'],
    ['a count', { is: 'count' }, '12', '7'],
    [
      'every string of a text',
      { is: 'text' },
      '[{"m":"a","c":400},["b",null]]',
      '[{"m":"text:a","c":400},["text:b",null]]',
    ],
    ['a string where a record should be', CONTACT, '"a"', '"text:a"'],
    ['a number where a record should be', CONTACTS, '[34612345678,true]', '[null,true]'],
    ['fields without a record', { is: 'fields' }, '{"a":"b"}', '{"a":"text:b"}'],
  ] satisfies [string, Shape, string, string][])('hand over %s', (_name, shape, body, output) => {
    expect(new Set(outputs(shape, body, marked))).toEqual(new Set([output]));
  });

  it('leave objects in their place to a shape, where one is given', () => {
    const withinTexts: Shape = { ...CONTACT, members: {}, others: 'field' };
    const body = '{"m":[{"mask":"a","c":400},["b",7,{"mask":"d"}]],"n":{"mask":null}}';
    const output = '{"m":[{"mask":"*","c":400},["b",7,{"mask":"*"}]],"n":{"mask":"*"}}';
    const shape: Shape = { is: 'object', members: {}, others: { is: 'text' } };
    expect(new Set(outputs(shape, body, obedient, { withinTexts }))).toEqual(new Set([output]));
  });

  it('can become null', () => {
    expect(outputs({ is: 'array', items: { is: 'count' } }, '[1, "2"]', withheld)).toContain('[null, null]');
  });
});

describe('JSON lines', () => {
  const lines = { lines: true };
  it.each([
    ['one value a line', '{"mask":"a"}\n{"b":1}\r\n', '{"mask":"*"}\n{"b":1}\r\n'],
    ['a last line without end', '{"b":1}\n{"mask":"a"}', '{"b":1}\n{"mask":"*"}'],
    ['blank lines', '\n{"mask":"a"}\n\n', '\n{"mask":"*"}\n\n'],
    ['an empty body', '', ''],
    ['records left out with their line', '{"drop":1}\n{"a":1}\n{"drop":1} \r\n{"drop":1}', '{"a":1}\n'],
  ])('%s', (_name, body, output) => {
    expect(new Set(outputs(CONTACT, body, obedient, lines))).toEqual(new Set([output]));
  });

  it.each(['{"a":\n1}\n', '{"a":1} {"b":1}\n', '{"a":1}\n{"b"'])('refuse %j', (body) => {
    expect(reasons(CONTACT, body, UNTOUCHED, lines)).toEqual(['malformed', 'malformed']);
  });
});

describe('what is refused', () => {
  const limits = { ...LIMITS, depthMax: 8 };
  it.each(INVALID_JSON)('%s', (_name, body, reason) => {
    for (const shape of [{ is: 'plain' }, SALESFORCE_RECORD, { is: 'text' }] satisfies Shape[])
      expect(reasons(shape, body, UNTOUCHED, { limits })).toEqual([reason, reason]);
  });

  it.each(['{"a":1,"a":2}', '{"x":[{"a":1,"\\u0061":2}]}', '{"a":{"a":1},"b":1,"a":2}'])(
    'names that stand twice, anywhere: %s',
    (body) => {
      for (const shape of [{ is: 'plain' }, CONTACT, { is: 'text' }] satisfies Shape[])
        expect(reasons(shape, body, UNTOUCHED, { duplicates: 'refuse' })).toEqual(['ambiguous', 'ambiguous']);
      expect(reasons(CONTACT, body, UNTOUCHED)).toEqual(['passed', 'passed']);
    },
  );

  it.each([
    ['a record', CONTACTS, `[{"a":"${'x'.repeat(90)}"}]`],
    ['a comma and white space before a record', CONTACTS, `[{"a":1},${' '.repeat(90)}{"a":1}]`],
    ['a special value', { is: 'text' }, `"${'x'.repeat(100)}"`],
    ['a name', { is: 'plain' }, `{"${'x'.repeat(100)}":1}`],
  ] satisfies [string, Shape, string][])('%s over the limit', (_name, shape, body) => {
    const small = { ...LIMITS, recordBytesMax: 90 };
    expect(reasons(shape, body, UNTOUCHED, { limits: small })).toEqual(['limit', 'limit']);
  });

  it('not long values that need no holding', () => {
    const small = { ...LIMITS, recordBytesMax: 10 };
    const body = `["${'x'.repeat(1_000)}",${'1'.repeat(1_000)}]`;
    expect(outputs({ is: 'plain' }, body, UNTOUCHED, { limits: small })[1]).toBe(body);
  });

  it('a raw control character in a name that stood escaped before', () => {
    expect(reasons(CONTACTS, '[{"before":0,"a\\nb":1},{"before":0,"a\nb":1}]', UNTOUCHED)).toEqual([
      'malformed',
      'malformed',
    ]);
  });

  it('everything after a failure', () => {
    const rewriter = jsonRewriter(CONTACT, UNTOUCHED);
    expect(() => rewriter.push(Buffer.from('{"a":x'))).toThrow('A value was expected');
    expect(() => rewriter.push(Buffer.from('1}'))).toThrow('A value was expected');
    expect(() => rewriter.end()).toThrow('A value was expected');
  });
});

describe('the cost of small chunks', () => {
  // With the square of the size it would take hours.
  it('grows with the size of a record, not with its square: a record of half a megabyte ends', () => {
    const members = Array.from({ length: 20_000 }, (_, index) => `"mask${index % 50}":{"a":[1,"x"]}`);
    const body = Buffer.from(`[{${members.join(',')}}]`);
    const byBytes = Array.from(body.keys());
    const output = rewrite(jsonRewriter(CONTACTS, obedient), body, byBytes);
    expect(output).toBe(`[{${members.map((member) => member.replace(/\{.*/, '"*"')).join(',')}}]`);
  });
});

describe('the name table', () => {
  it('gives one number a name, escaped or not', () => {
    const bytes = Buffer.from('"Näme"');
    expect(NAMES.intern(bytes, 1, bytes.length - 1)).toBe(NAMES.internText('Näme'));
    expect(NAMES.text(NAMES.findText('Näme'))).toBe('Näme');
    expect(NAMES.findText('never seen')).toBe(-1);
  });
});
