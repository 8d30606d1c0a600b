/**
 * The one catalogue of errors: a code, the status a client gets, the sentence it reads and what to do about it.
 * The README's table is checked against it. Messages never hold a credential or a personal value.
 */
export const ERRORS = {
  TARGET_AMBIGUOUS: {
    status: 400,
    message: 'The request target can be read in more than one way.',
    action:
      'Send the path and query in their plain form: no encoded slashes or dots, no empty segments, no repeated parameters.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    message: 'The request is malformed.',
    action: 'Send well-formed HTTP, UTF-8 text, and JSON without duplicate names.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    message: 'The request did not arrive in time.',
    action: 'Send the request faster, or raise limits.headersTimeoutMs or limits.requestTimeoutMs.',
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    message: 'The request body is larger than this operation may send.',
    action: 'Split the request, or raise the limit by its name in the configuration.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    message: 'The request target or headers are larger than the limit.',
    action: 'Shorten the request, or raise limits.headerBytesMax.',
  },
  UPSTREAM_UNKNOWN: {
    status: 404,
    message: 'No CRM stands behind this host or path.',
    action: 'Check upstreams[].match in the configuration.',
  },
  UPGRADE_REFUSED: {
    status: 403,
    message: 'Protocol upgrades are refused: what they carry cannot be inspected.',
    action: 'Use the REST API of the CRM.',
  },
  DENIED: {
    status: 403,
    message: 'A privacy policy refuses this request.',
    action: 'Read the policy id and message in the answer; `privet try` explains the decision.',
  },
  UNIDENTIFIED: {
    status: 403,
    message: 'Nobody was recognised by the credentials of this request.',
    action: 'Send a credential that the identity section of the configuration knows.',
  },
  LOCKED_OUT: {
    status: 403,
    message: 'Too many credentials were refused, so none is looked at for a while.',
    action:
      'Wait for limits.lockoutMs, then send a credential that is valid; the audit trail has the logins.',
  },
  OPERATION_UNKNOWN: {
    status: 403,
    message: 'This operation is not known, so it cannot be inspected.',
    action: 'Use a documented operation, or declare it; posture.unknownOperation decides.',
  },
  BODY_UNREADABLE: {
    status: 403,
    message: 'The request body or query cannot be inspected.',
    action: 'Send a media type, coding and query that Privet reads; posture.unreadableBody decides.',
  },
  AUDIT_UNAVAILABLE: {
    status: 403,
    message: 'The audit trail cannot be written, so nothing may pass.',
    action: 'Free disk space for the spool or restore its sink; posture.auditUnavailable decides.',
  },
  ANSWER_UNREADABLE: {
    status: 502,
    message: 'The answer of the CRM cannot be inspected.',
    action: 'See the log for the request id: media type, coding, or a body that is not what it says.',
  },
  UPSTREAM_UNREACHABLE: {
    status: 502,
    message: 'The CRM cannot be reached.',
    action: 'Check the upstream url, its certificate and the network.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    message: 'The CRM did not answer in time.',
    action: 'Try again; raise limits.upstreamHeadersTimeoutMs if the CRM is slow.',
  },
  KEYRING_UNUSABLE: {
    status: 500,
    message: 'The keyring cannot be used.',
    action: 'Check keys.ring and keys.kek in the configuration, and the backup of both.',
  },
  VAULT_UNAVAILABLE: {
    status: 403,
    message: 'The token vault cannot be used, so nothing that needs it may pass.',
    action: 'Check the store, the keyring and `privet vault verify`.',
  },
  CONSENT_UNAVAILABLE: {
    status: 403,
    message: 'The consent registry cannot be used, so nothing that needs it may pass.',
    action: 'Check the store that holds it; `/readyz` on the admin port tells when it is back.',
  },
  BUDGET_UNAVAILABLE: {
    status: 403,
    message: 'Records cannot be counted against a reading budget, so none may pass.',
    action: 'Check the store: budgets are kept in store.redis where there is one.',
  },
  IDENTITY_UNUSABLE: {
    status: 500,
    message: 'The identity section cannot be used.',
    action: 'Check the identity section of the configuration.',
  },
  STORE_UNUSABLE: {
    status: 500,
    message: 'The store cannot be used.',
    action: 'Check store in the configuration, and the settings of Redis that the message names.',
  },
  INTERNAL: {
    status: 500,
    message: 'Privet failed.',
    action: 'See the log for the request id, and report it.',
  },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An error from the catalogue. `detail` names what was found, never a value from a record or a credential. */
export class PrivetError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { readonly cause?: unknown }) {
    super(detail === undefined ? ERRORS[code].message : `${ERRORS[code].message} ${detail}`, options);
    this.name = 'PrivetError';
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
