import type { Limits } from '../../limits.ts';
import type { FieldReport, RecordReport } from '../../model/audit-event.ts';
import type { Denial } from '../../model/decision.ts';

/** A field of an object and what was done to it: one row of an audit event's `fields`. */
export interface TallyKey {
  readonly object: string;
  readonly field: string;
  readonly treatment: string;
  /** Ids of the policies that led to it. */
  readonly policies?: readonly string[];
}

/** How often something was done. */
export interface Counter {
  count: number;
}

/** Counts what an answer disclosed, for the audit event and the metrics. One per request. */
export interface Tally {
  readonly seen: () => void;
  /** Notes a record that is left out. @param reason one of a few texts */
  readonly omitted: (record: OmittedRecord) => void;
  /** Notes a record whose fields are treated because a requirement is not met. @param reason one of a few texts */
  readonly unmet: (record: JudgedRecord) => void;
  /**
   * The counter for treatments of a field, to be fetched when there is one to count. Keys are compared by identity:
   * callers keep one object per field.
   */
  readonly treated: (key: TallyKey) => Counter;
  /** The same for fields that are in no data map and shown clear. */
  readonly unclassified: (key: TallyKey) => Counter;
  /** @param pseudonym keyed HMAC of a data subject's id */
  readonly dataSubject: (pseudonym: string) => void;
  /** False: no more data subjects are recorded. */
  readonly namesDataSubjects: () => boolean;
  /** The denial for the last record left out, for an answer that was only that record. */
  readonly lastWithheld: () => Denial | undefined;
  /** Adds records that are newly counted against a reading budget. */
  readonly counted: (records: number) => void;
  /** @param policy id of the policy whose limit the answer went over */
  readonly overBudget: (policy: string) => void;
  readonly report: () => TallyReport;
}

export type JudgedRecord = Omit<RecordReport, 'count'>;

export interface OmittedRecord extends JudgedRecord {
  readonly denial: Denial;
}

export interface TallyReport {
  readonly records: { readonly seen: number; readonly omitted: number; readonly counted?: number };
  readonly fields: readonly FieldReport[];
  readonly omissions: readonly RecordReport[];
  readonly unmet: readonly RecordReport[];
  readonly unclassified: readonly FieldReport[];
  readonly dataSubjects: readonly string[];
  readonly overBudget?: string;
}

/** Stands for the fields that do not fit into a report. */
const REST = '*';

export function createTally(limits: Pick<Limits, 'auditDataSubjectsMax' | 'auditFieldsMax'>): Tally {
  let seen = 0;
  let omitted = 0;
  let lastWithheld: Denial | undefined;
  const omissions = new Map<string, Counted>();
  const unmet = new Map<string, Counted>();
  let counted: number | undefined;
  let overBudget: string | undefined;
  const treated = new Map<TallyKey, Counter>();
  const unclassified = new Map<TallyKey, Counter>();
  const dataSubjects = new Set<string>();
  return {
    seen: () => {
      seen++;
    },
    omitted: ({ denial, ...record }) => {
      omitted++;
      lastWithheld = denial;
      countRecord(omissions, record, limits.auditFieldsMax);
    },
    unmet: (record) => countRecord(unmet, record, limits.auditFieldsMax),
    lastWithheld: () => lastWithheld,
    counted: (records) => {
      counted = records;
    },
    overBudget: (policy) => {
      overBudget = policy;
    },
    treated: (key) => counterOf(treated, key, limits.auditFieldsMax),
    unclassified: (key) => counterOf(unclassified, key, limits.auditFieldsMax),
    dataSubject: (pseudonym) => {
      if (dataSubjects.size < limits.auditDataSubjectsMax) dataSubjects.add(pseudonym);
    },
    namesDataSubjects: () => dataSubjects.size < limits.auditDataSubjectsMax,
    report: () => ({
      records: counted === undefined ? { seen, omitted } : { seen, omitted, counted },
      fields: reports(treated),
      omissions: [...omissions.values()],
      unmet: [...unmet.values()],
      unclassified: reports(unclassified),
      dataSubjects: [...dataSubjects],
      ...(overBudget === undefined ? {} : { overBudget }),
    }),
  };
}

interface Counted extends JudgedRecord {
  count: number;
}

function countRecord(counts: Map<string, Counted>, record: JudgedRecord, keysMax: number): void {
  const { object, policy, reason } = record;
  const key = `${object}\n${policy}\n${reason}`;
  const known = counts.get(key) ?? (counts.size < keysMax ? undefined : counts.get(REST));
  if (known !== undefined) known.count++;
  else if (counts.size < keysMax) counts.set(key, { object, policy, reason, count: 1 });
  else counts.set(REST, { object: REST, policy: REST, reason: REST, count: 1 });
}

const rest = new Map<string, TallyKey>();

function counterOf(counters: Map<TallyKey, Counter>, key: TallyKey, keysMax: number): Counter {
  const known = counters.get(key);
  if (known !== undefined) return known;
  const counted = counters.size < keysMax ? key : restOf(key.treatment);
  const counter = counters.get(counted) ?? { count: 0 };
  counters.set(counted, counter);
  return counter;
}

/** One key for each treatment; treatments are few. */
function restOf(treatment: string): TallyKey {
  const key = rest.get(treatment) ?? { object: REST, field: REST, treatment };
  rest.set(treatment, key);
  return key;
}

/**
 * The last report of each key, reused when the counts are equal: small answers are alike, and the audit trail remembers
 * how an object is written.
 */
const lastReports = new WeakMap<TallyKey, FieldReport>();

function reports(counters: ReadonlyMap<TallyKey, Counter>): FieldReport[] {
  const all: FieldReport[] = [];
  for (const [key, { count }] of counters) {
    let report = lastReports.get(key);
    if (report?.count !== count) {
      report = { ...key, count };
      lastReports.set(key, report);
    }
    all.push(report);
  }
  return all;
}
