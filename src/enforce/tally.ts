import type { Limits } from '../limits.ts';
import type { FieldReport } from '../model/audit-event.ts';

/** A field of an object and what was done to it: one row of an audit event's `fields`. */
export interface TallyKey {
  readonly object: string;
  readonly field: string;
  readonly treatment: string;
}

/** Counts what an answer disclosed, for the audit event and the metrics. One per request. */
export interface Tally {
  readonly seen: () => void;
  /** @param policy id of the policy that leaves the record out */
  readonly omitted: (policy: string) => void;
  /** `key` is counted by identity: callers keep one object per field. */
  readonly treated: (key: TallyKey) => void;
  readonly unclassified: (key: TallyKey) => void;
  /** @param pseudonym keyed HMAC of a data subject's id */
  readonly dataSubject: (pseudonym: string) => void;
  /** The policy behind the last record left out. */
  readonly lastOmittedBy: () => string | undefined;
  /** How many records of the answer count anew against a limit on reading, so far. */
  readonly counted: (records: number) => void;
  /** @param policy id of the policy whose limit the answer went over */
  readonly overBudget: (policy: string) => void;
  readonly report: () => TallyReport;
}

export interface TallyReport {
  readonly records: { readonly seen: number; readonly omitted: number; readonly counted?: number };
  readonly fields: readonly FieldReport[];
  readonly unclassified: readonly FieldReport[];
  readonly dataSubjects: readonly string[];
  readonly overBudget?: string;
}

/** The fields of everything that does not fit into a report any more. */
const REST = '*';

export function createTally(limits: Pick<Limits, 'auditDataSubjectsMax' | 'auditFieldsMax'>): Tally {
  let seen = 0;
  let omitted = 0;
  let lastOmittedBy: string | undefined;
  let counted: number | undefined;
  let overBudget: string | undefined;
  const treated = new Map<TallyKey, number>();
  const unclassified = new Map<TallyKey, number>();
  const dataSubjects = new Set<string>();
  return {
    seen: () => {
      seen++;
    },
    omitted: (policy) => {
      omitted++;
      lastOmittedBy = policy;
    },
    lastOmittedBy: () => lastOmittedBy,
    counted: (records) => {
      counted = records;
    },
    overBudget: (policy) => {
      overBudget = policy;
    },
    treated: (key) => count(treated, key, limits.auditFieldsMax),
    unclassified: (key) => count(unclassified, key, limits.auditFieldsMax),
    dataSubject: (pseudonym) => {
      if (dataSubjects.size < limits.auditDataSubjectsMax) dataSubjects.add(pseudonym);
    },
    report: () => ({
      records: counted === undefined ? { seen, omitted } : { seen, omitted, counted },
      fields: reports(treated),
      unclassified: reports(unclassified),
      dataSubjects: [...dataSubjects],
      ...(overBudget === undefined ? {} : { overBudget }),
    }),
  };
}

const rest = new Map<string, TallyKey>();

function count(counts: Map<TallyKey, number>, key: TallyKey, keysMax: number): void {
  const times = counts.get(key);
  if (times !== undefined) {
    counts.set(key, times + 1);
    return;
  }
  const counted = counts.size < keysMax ? key : restOf(key.treatment);
  counts.set(counted, (counts.get(counted) ?? 0) + 1);
}

/** One key for each treatment; treatments are few. */
function restOf(treatment: string): TallyKey {
  const key = rest.get(treatment) ?? { object: REST, field: REST, treatment };
  rest.set(treatment, key);
  return key;
}

function reports(counts: ReadonlyMap<TallyKey, number>): FieldReport[] {
  return Array.from(counts, ([key, times]) => ({
    object: key.object,
    field: key.field,
    treatment: key.treatment,
    count: times,
  }));
}
