/** What happens where nothing can be known: the configuration's answer, not a policy's. */
export interface Posture {
  readonly unknownOperation: 'deny' | 'allow';
  readonly unclassifiedField: 'show' | 'redact';
  readonly unreadableBody: 'deny' | 'allow';
  readonly unidentified: 'deny' | 'allow';
  readonly auditUnavailable: 'deny' | 'allow';
}

/** `observe`: nothing is changed or denied, the audit says what would have been. */
export type Mode = 'enforce' | 'observe';
