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
  /** @param policy the one whose rule hid the record */
  readonly omitted: (policy: string) => void;
  /** The policy behind the last record that was left out. */
  readonly hiddenBy: () => string | undefined;
  /** `key` is counted by identity: callers keep one object per field. */
  readonly treated: (key: TallyKey) => void;
  readonly unclassified: (key: TallyKey) => void;
  /** @param pseudonym keyed HMAC of a data subject's id */
  readonly dataSubject: (pseudonym: string) => void;
  readonly report: () => TallyReport;
}

export interface TallyReport {
  readonly records: { readonly seen: number; readonly omitted: number };
  readonly fields: readonly FieldReport[];
  readonly unclassified: readonly FieldReport[];
  readonly dataSubjects: readonly string[];
}

export function createTally(dataSubjectsMax: number): Tally {
  let seen = 0;
  let omitted = 0;
  let hiddenBy: string | undefined;
  const treated = new Map<TallyKey, number>();
  const unclassified = new Map<TallyKey, number>();
  const dataSubjects = new Set<string>();
  return {
    seen: () => {
      seen++;
    },
    omitted: (policy) => {
      omitted++;
      hiddenBy = policy;
    },
    hiddenBy: () => hiddenBy,
    treated: (key) => count(treated, key),
    unclassified: (key) => count(unclassified, key),
    dataSubject: (pseudonym) => {
      if (dataSubjects.size < dataSubjectsMax) dataSubjects.add(pseudonym);
    },
    report: () => ({
      records: { seen, omitted },
      fields: reports(treated),
      unclassified: reports(unclassified),
      dataSubjects: [...dataSubjects],
    }),
  };
}

function count(counts: Map<TallyKey, number>, key: TallyKey): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function reports(counts: ReadonlyMap<TallyKey, number>): FieldReport[] {
  return Array.from(counts, ([key, times]) => ({
    object: key.object,
    field: key.field,
    treatment: key.treatment,
    count: times,
  }));
}
