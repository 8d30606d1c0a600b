import type { Json } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer } from '../wire/message.ts';
import { scalarOf } from './cells.ts';
import { notFound } from './errors.ts';
import { recordId } from './ids.ts';
import type { Call, Org } from './org.ts';
import { schemaOf } from './schema.ts';

/** The one report: contacts with their details. */
const REPORT = { id: recordId('00O', 1), name: 'Contacts with details' } as const;

/** Report columns are named otherwise than the fields they show. */
const COLUMNS: readonly (readonly [column: string, label: string, field: string])[] = [
  ['FIRST_NAME', 'First Name', 'FirstName'],
  ['LAST_NAME', 'Last Name', 'LastName'],
  ['EMAIL', 'Email', 'Email'],
  ['PHONE1', 'Phone', 'Phone'],
  ['ADDRESS1_CITY', 'Mailing City', 'MailingCity'],
  ['Contact.NIF__c', 'NIF', 'NIF__c'],
];
const ROWS_MAX = 2_000;

function factRows(org: Org): readonly Json[] {
  const schema = schemaOf('Contact');
  return org.store
    .all('Contact')
    .filter((record) => record['IsDeleted'] !== true)
    .slice(0, ROWS_MAX)
    .map((record) => ({
      dataCells: COLUMNS.map(([, , name]): Json => {
        const field = schema?.byName.get(name.toLowerCase());
        const value = field ? scalarOf(record, field) : null;
        return { label: value ?? '-', value };
      }),
    }));
}

function run(org: Org, call: Call): SandboxAnswer {
  const rows = factRows(org);
  const hasDetails = call.request.query.get('includeDetails') === 'true';
  const columns = COLUMNS.map(([column]) => column);
  return jsonAnswer(200, {
    attributes: {
      type: 'Report',
      reportId: REPORT.id,
      reportName: REPORT.name,
      describeUrl: `/services/data/${call.version}/analytics/reports/${REPORT.id}/describe`,
      instancesUrl: `/services/data/${call.version}/analytics/reports/${REPORT.id}/instances`,
    },
    allData: true,
    factMap: {
      'T!T': {
        aggregates: [{ label: String(rows.length), value: rows.length }],
        ...(hasDetails ? { rows } : {}),
      },
    },
    groupingsAcross: { groupings: [] },
    groupingsDown: { groupings: [] },
    hasDetailRows: hasDetails,
    reportExtendedMetadata: {
      detailColumnInfo: Object.fromEntries(
        COLUMNS.map(([column, label, field]) => [
          column,
          { label, dataType: 'string', entityColumnName: `Contact.${field}` },
        ]),
      ),
    },
    reportMetadata: {
      aggregates: ['RowCount'],
      detailColumns: columns,
      id: REPORT.id,
      name: REPORT.name,
      reportFilters: [],
      reportFormat: 'TABULAR',
      reportType: { label: 'Contacts & Accounts', type: 'ContactList' },
    },
  });
}

/** `/analytics/reports`: the list, and the one report run at once. */
export function reportAnswer(org: Org, call: Call): SandboxAnswer {
  const [, kind, id, part] = call.rest;
  if (kind !== 'reports' || part !== undefined) throw notFound();
  if (id === undefined) {
    const url = `/services/data/${call.version}/analytics/reports/${REPORT.id}`;
    return jsonAnswer(200, [
      { ...REPORT, url, describeUrl: `${url}/describe`, instancesUrl: `${url}/instances` },
    ]);
  }
  if (id !== REPORT.id && id !== REPORT.id.slice(0, 15)) throw notFound();
  return run(org, call);
}
