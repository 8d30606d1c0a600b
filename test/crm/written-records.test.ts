import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../src/crm/hubspot/adapter.ts';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createJsonRewriter } from '../../src/media/json/json-rewriter.ts';
import { NameTable } from '../../src/media/name-table.ts';
import { recognised } from './request.ts';

const salesforce = createSalesforceAdapter(DEFAULT_LIMITS);
const hubspot = createHubspotAdapter();
const V = '/services/data/v59.0';
const ID = '0035e000001abcDAAQ';
const H = '/crm/v3/objects/contacts';
const typed = { attributes: { type: 'Contact' } };
const input = (values: object): object => ({ id: '1', properties: values });

/** Ways to write two fields, and the object they belong to. */
const WRITES = [
  [salesforce, `POST ${V}/sobjects/Contact`, (values: object) => values, 'Contact'],
  [salesforce, `PATCH ${V}/sobjects/Contact/${ID}`, (values: object) => values, 'Contact'],
  [salesforce, `PATCH ${V}/sobjects/Contact/Ext__c/1`, (values: object) => values, 'Contact'],
  [
    salesforce,
    `POST ${V}/composite/sobjects`,
    (values: object) => ({ records: [{ ...typed, ...values }] }),
    'Contact',
  ],
  [
    salesforce,
    `PATCH ${V}/composite/sobjects`,
    (values: object) => ({ records: [{ ...typed, ...values }] }),
    'Contact',
  ],
  [
    salesforce,
    `PATCH ${V}/composite/sobjects/Contact/Ext__c`,
    (values: object) => ({ records: [{ ...typed, ...values }] }),
    'Contact',
  ],
  [hubspot, `POST ${H}`, (properties: object) => ({ properties }), 'contacts'],
  [hubspot, `PATCH ${H}/1`, (properties: object) => ({ properties }), 'contacts'],
  ...['create', 'update', 'upsert'].map(
    (name) =>
      [
        hubspot,
        `POST ${H}/batch/${name}`,
        (values: object) => ({ inputs: [input(values)] }),
        'contacts',
      ] as const,
  ),
] as const;

describe('what is written', () => {
  it.each(WRITES)(
    'with %o %s stands in records whose values can be edited',
    (adapter, line, body, object) => {
      const operation = recognised(adapter, line, body({ email: 'a', phone: 'b' }));
      if (operation.body.format !== 'json') throw new Error('not JSON');
      const rewriter = createJsonRewriter({
        shape: operation.body.root,
        names: new NameTable(DEFAULT_LIMITS.namesMax),
        limits: DEFAULT_LIMITS,
        duplicates: 'refuse',
        handler: {
          special: () => undefined,
          record: (record) => {
            for (let index = 0; index < record.size; index++) {
              if (record.kind(index) === 'string')
                record.setString(index, `${record.object}.${record.name(index)}`);
            }
            return true;
          },
        },
      });
      const bytes = operation.request.body ?? Buffer.alloc(0);
      const written = Buffer.concat([rewriter.push(bytes), rewriter.end()]).toString();
      expect(JSON.parse(written)).toEqual(body({ email: `${object}.email`, phone: `${object}.phone` }));
    },
  );
});
