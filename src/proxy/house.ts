import type { Logger } from 'pino';
import type { Enforcement } from '../enforce/enforcement.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import type { DecisionFacts } from '../model/decision.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import type { Door } from './door.ts';
import type { Meter } from './meter.ts';

/** All that the pipeline needs, built once by the composition root. */
export interface House {
  readonly doors: readonly Door[];
  readonly isTls: boolean;
  readonly enforcement: Enforcement;
  /** The snapshot in force. A request asks once and keeps it. */
  readonly policies: () => PolicySnapshot;
  readonly facts: () => DecisionFacts;
  /** Resolves when the event is on disk. @throws PrivetError AUDIT_UNAVAILABLE */
  readonly record: (entry: AuditEntry) => Promise<void>;
  /** False while the audit trail takes no events, as far as is known: then nothing is sent ahead of its event. */
  readonly auditIsWell: () => boolean;
  readonly meter: Meter;
  readonly log: Logger;
}
