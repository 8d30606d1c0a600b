import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvRewriter, createDeferringCsvRewriter } from '../../src/media/csv/csv-rewriter.ts';
import type { DocumentHandler } from '../../src/media/record.ts';
import { MediaError, type Rewriter } from '../../src/media/rewriter.ts';
import { parseStrictJson } from '../../src/media/strict-json.ts';
import type { Shape } from '../../src/model/shape.ts';
import {
  chunksOf,
  deciding,
  deferringJsonRewriter,
  drive,
  jsonRewriter,
  later,
  NAMES,
  UNTOUCHED,
} from '../media/engine.ts';
import { SALESFORCE_PAGE, salesforcePage } from '../media/salesforce-page.ts';
import { mutated } from './mutations.ts';

const CANARY = 'canary-4711';

const HUBSPOT_PAGE: Shape = {
  is: 'object',
  members: {
    results: {
      is: 'array',
      items: {
        is: 'record',
        object: 'contacts',
        members: { id: { is: 'id' }, properties: { is: 'fields' }, url: { is: 'url' } },
        others: { is: 'plain' },
      },
    },
    paging: { is: 'object', members: { next: { is: 'locator' } }, others: { is: 'plain' } },
  },
  others: { is: 'plain' },
};

const HUBSPOT_BODY = Buffer.from(
  JSON.stringify({
    results: [1, 2, 3].map((id) => ({
      id: `${id}51`,
      properties: { email: `${CANARY}-${id}@example.com`, lastname: `Ö${CANARY}`, hs_object_id: '1' },
      createdAt: '2024-03-04T09:12:44.000Z',
      archived: false,
      url: `https://app.hubspot.com/contacts/1/record/0-1/${id}51`,
    })),
    paging: { next: { after: '3', link: 'https://api.hubapi.com/crm/v3/objects/contacts?after=3' } },
  }),
);
const SALESFORCE_BODY = Buffer.from(
  salesforcePage(3).toString().replaceAll('marguerite', CANARY).replaceAll('Marguerite', CANARY),
);
const CSV_BODY = Buffer.from(
  `"Id","Email","Description"\n"1","${CANARY}@example.com","said ""${CANARY}""\nand left"\n"2","","x"\n3,${CANARY},\n`,
);

/** Every field becomes asterisks, every special value too; records of odd length are left out. */
const blinding: DocumentHandler = {
  record(record) {
    for (let index = 0; index < record.size; index++) {
      if (record.kind(index) === 'container') record.setLiteral(index, 'null');
      else record.setString(index, '***');
    }
    return record.size % 2 === 0;
  },
  special: (kind) => (kind === 'count' ? null : '***'),
};

const CSV = { object: 'Contact', names: NAMES, limits: { recordBytesMax: 65_536, csvColumnsMax: 100 } };

const FORMATS: readonly (readonly [string, Buffer, (handler: DocumentHandler) => Rewriter])[] = [
  ['a Salesforce page', SALESFORCE_BODY, (handler) => jsonRewriter(SALESFORCE_PAGE, handler)],
  ['a HubSpot page', HUBSPOT_BODY, (handler) => jsonRewriter(HUBSPOT_PAGE, handler)],
  [
    'a Salesforce page in a request',
    SALESFORCE_BODY,
    (handler) => jsonRewriter(SALESFORCE_PAGE, handler, { duplicates: 'refuse' }),
  ],
  ['a CSV file', CSV_BODY, (handler) => createCsvRewriter({ ...CSV, handler })],
  ...[1, 3].flatMap((chunksMax): [string, Buffer, (handler: DocumentHandler) => Rewriter][] => [
    [
      `a Salesforce page that is decided on after ${chunksMax} chunks`,
      SALESFORCE_BODY,
      (handler) => deciding(deferringJsonRewriter(SALESFORCE_PAGE, later(handler)), chunksMax),
    ],
    [
      `a CSV file that is decided on after ${chunksMax} chunks`,
      CSV_BODY,
      (handler) => deciding(createDeferringCsvRewriter({ ...CSV, handler: later(handler) }), chunksMax),
    ],
  ]),
];

const cutsArb = fc.oneof(
  fc.array(fc.nat(10_000), { maxLength: 20 }),
  fc.constant(Array.from({ length: 9_000 }).keys()).map((keys) => [...keys]),
);

/** The only error a rewriter may throw, whatever comes in. */
const ACCEPTABLE: readonly string[] = ['malformed', 'limit', 'ambiguous', 'withheld'];

describe.each(FORMATS)('%s', (_name, body, rewriter) => {
  it('after any mutation is rewritten or refused with a MediaError, the same for every split', () => {
    fc.assert(
      fc.property(mutated(body), cutsArb, (bytes, cuts) => {
        const whole = drive(rewriter(blinding), chunksOf(bytes, []));
        const split = drive(rewriter(blinding), chunksOf(bytes, cuts));
        for (const { error } of [whole, split]) {
          if (error === undefined) continue;
          expect(error).toBeInstanceOf(MediaError);
          expect(ACCEPTABLE).toContain((error as MediaError).reason);
          expect((error as MediaError).message).not.toContain('canary');
        }
        expect(split.error === undefined).toBe(whole.error === undefined);
        if (whole.error === undefined) expect(split.left).toBe(whole.left);
      }),
      { numRuns: 300 },
    );
  });

  it('after any mutation passes as it is where nothing is edited', () => {
    fc.assert(
      fc.property(mutated(body), cutsArb, (bytes, cuts) => {
        const { left, error } = drive(rewriter(UNTOUCHED), chunksOf(bytes, cuts));
        if (error === undefined) expect(left).toBe(bytes.toString());
      }),
      { numRuns: 200 },
    );
  });

  it('never lets a canary in an edited field out, for any split, on documents that fail half-way too', () => {
    fc.assert(
      fc.property(
        fc.nat(body.length),
        fc.constantFrom('', '\0', '\\', '}', ']]', '"', '\n'),
        cutsArb,
        (end, tail, cuts) => {
          const bytes = Buffer.concat([body.subarray(0, end), Buffer.from(tail)]);
          expect(drive(rewriter(blinding), chunksOf(bytes, cuts)).left).not.toContain('canary');
          const after = Buffer.concat([body, Buffer.from(tail)]);
          expect(drive(rewriter(blinding), chunksOf(after, cuts)).left).not.toContain('canary');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('parseStrictJson', () => {
  it.each([
    ['a Salesforce page', SALESFORCE_BODY],
    ['a HubSpot page', HUBSPOT_BODY],
  ])('parses or refuses %s after any mutation, and agrees with JSON.parse', (_name, body) => {
    fc.assert(
      fc.property(mutated(body), (bytes) => {
        let value: unknown;
        try {
          value = parseStrictJson(bytes, { depthMax: 64 });
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
          return;
        }
        expect(value).toEqual(JSON.parse(bytes.toString()));
      }),
      { numRuns: 500 },
    );
  });
});
