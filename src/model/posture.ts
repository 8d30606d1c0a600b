/** What happens where policies cannot decide because something is unknown. Set by the configuration. */
export interface Posture {
  readonly unknownOperation: 'deny' | 'allow';
  readonly unclassifiedField: 'show' | 'redact';
  readonly unreadableBody: 'deny' | 'allow';
  readonly unidentified: 'deny' | 'allow';
  readonly auditUnavailable: 'deny' | 'allow';
}

/** `observe`: nothing is changed or denied, and the audit trail says what would have been. */
export type Mode = 'enforce' | 'observe';
