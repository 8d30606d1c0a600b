interface Limit {
  readonly default: number;
  /** Why there is a limit, and why this one. Stands as the comment in config.example.yaml. */
  readonly why: string;
}

/** Every limit by name. Units are in the names. */
export const LIMITS = {
  headerBytesMax: {
    default: 32_768,
    why: 'Request line and headers; CRMs refuse more than 16 KB themselves.',
  },
  requestBodyBytesMax: {
    default: 8_388_608,
    why: 'A request body that must be read to be recognised is held whole.',
  },
  uploadBytesMax: {
    default: 157_286_400,
    why: 'A request body that is streamed on: Bulk ingest takes 150 MB.',
  },
  recordBytesMax: { default: 4_194_304, why: 'One record is held until it is decided on.' },
  lookupWindowBytesMax: {
    default: 4_194_304,
    why: 'Bytes of an answer held while its records are asked about together: a page of 2,000 records fits in.',
  },
  depthMax: { default: 64, why: 'Nesting of JSON; no CRM answers deeper.' },
  csvColumnsMax: {
    default: 2_000,
    why: 'Columns of a CSV file; Salesforce objects have at most 800 fields.',
  },
  namesMax: {
    default: 65_536,
    why: 'Field names remembered by the rewriter; more are looked up more slowly.',
  },
  decodedBytesMax: {
    default: 10_737_418_240,
    why: 'A body after its content coding: 10 GiB, or it is a bomb.',
  },
  expansionRatioMax: {
    default: 500,
    why: 'Decoded bytes per coded byte beyond the first MiB, or it is a bomb.',
  },
  upstreamConnectionsMax: { default: 256, why: 'Connections to one upstream.' },
  upstreamConnectTimeoutMs: { default: 10_000, why: 'Time to reach the CRM.' },
  upstreamHeadersTimeoutMs: {
    default: 120_000,
    why: 'Time until the CRM begins to answer; long queries take minutes.',
  },
  upstreamHeaderBytesMax: { default: 65_536, why: 'Headers of one answer of the CRM.' },
  upstreamBodyTimeoutMs: { default: 120_000, why: 'Longest silence within an answer.' },
  requestTimeoutMs: { default: 300_000, why: 'Time for a client to send a whole request.' },
  headersTimeoutMs: { default: 15_000, why: 'Time for a client to send its headers (slow-loris).' },
  keepAliveTimeoutMs: {
    default: 72_000,
    why: 'Idle client connection; longer than the 60 s of usual load balancers.',
  },
  clientSilenceTimeoutMs: {
    default: 300_000,
    why: 'A connection on which nothing moves either way; longer than the CRM may take to begin an answer.',
  },
  pipelinedRequestsMax: {
    default: 16,
    why: 'Requests a client sends ahead on one connection; they wait for their turn.',
  },
  clientConnectionsMax: { default: 10_000, why: 'Client connections at once.' },
  drainTimeoutMs: { default: 30_000, why: 'Time for running requests to end after SIGTERM.' },
  principalCacheMax: { default: 10_000, why: 'Credentials whose principal is remembered.' },
  keyedHashCacheMax: {
    default: 100_000,
    why: 'Keyed hashes remembered per key: an HMAC costs more than a look-up.',
  },
  principalClaimsMax: {
    default: 1_000,
    why: 'Roles or purposes of one principal; a credential that claims more is refused.',
  },
  credentialBytesMax: {
    default: 16_384,
    why: 'A bearer token or API key; longer ones are refused unread.',
  },
  lockoutFailuresMax: {
    default: 10,
    why: 'Times that the same credential is refused within lockoutWindowMs before it is locked; whoever has an old one tries a few times.',
  },
  lockoutAddressFailuresMax: {
    default: 20,
    why: 'Different credentials refused to one address (of IPv6, to its 64-bit network) within lockoutWindowMs before it is locked; raise it where many clients have one address, as behind a load balancer.',
  },
  lockoutWindowMs: { default: 900_000, why: 'Time in which failures add up.' },
  lockoutMs: { default: 900_000, why: 'How long a credential or an address is locked: 2,000 guesses a day.' },
  lockoutEntriesMax: {
    default: 10_000,
    why: 'Credentials and addresses whose failures, and locks, are remembered; the oldest make room.',
  },
  lockoutRefreshMs: { default: 5_000, why: 'Until what one instance has locked is locked on the others.' },
  loginAgainMs: {
    default: 3_600_000,
    why: 'How long a credential from one address is taken for the same login in the audit trail.',
  },
  loginCoalesceMs: {
    default: 60_000,
    why: 'Logins of the same kind within this time are one event with a count, so that guessing cannot fill the audit trail.',
  },
  loginEventsMax: {
    default: 100,
    why: 'Kinds of logins told apart within loginCoalesceMs; the rest is counted without saying from where.',
  },
  lookupTimeoutMs: {
    default: 5_000,
    why: 'Time for the CRM to say whose a token is, and for signing keys to arrive.',
  },
  lookupBytesMax: { default: 1_048_576, why: 'Answer to such a look-up.' },
  lookupRefusedMs: {
    default: 10_000,
    why: 'How long a token that the CRM refused is not asked about again.',
  },
  queryCacheMax: { default: 2_000, why: 'Parsed queries, and requests that were read, remembered.' },
  queryCacheBytesMax: {
    default: 16_777_216,
    why: 'Text of all that is remembered of a kind, so that long ones cannot fill the memory.',
  },
  queryBytesMax: {
    default: 100_000,
    why: 'Length of a query text; SOQL itself stops at 100,000 characters.',
  },
  viewCacheMax: { default: 2_000, why: 'Compiled views remembered per policy snapshot.' },
  policyBytesMax: { default: 5_242_880, why: 'All policy files together.' },
  policyFilesMax: { default: 1_000, why: 'Number of policy files.' },
  policyDirectoriesMax: { default: 200, why: 'Directories of policies read and watched.' },
  policyDebounceMs: {
    default: 200,
    why: 'Quiet time after a change of policy files before they are read: files are seldom written one at a time.',
  },
  grantWarningMs: {
    default: 1_209_600_000,
    why: 'How long before its end an exception or key that ends by itself is warned of: two weeks.',
  },
  grantLookMsMax: {
    default: 600_000,
    why: 'Longest time between two looks at what ends by itself; its end takes effect at once all the same.',
  },
  conditionNodesMax: { default: 200, why: 'Parts of one condition; it must be readable aloud.' },
  conditionDepthMax: { default: 20, why: 'Nesting of one condition.' },
  storeFreeBytesMin: {
    default: 67_108_864,
    why: 'Disk space that the embedded store leaves free; below it no more is taken, so that no write fails half-way.',
  },
  storeTimeoutMs: {
    default: 3_000,
    why: 'Time for a Redis store to answer, and to have a write on disk and on a replica; obligations that need it are not discharged then.',
  },
  storeReconnectMsMax: {
    default: 1_000,
    why: 'Longest pause before a Redis store is tried again; pauses begin at 50 ms and double.',
  },
  storeBatchBytesMax: {
    default: 4_194_304,
    why: 'Writes sent to Redis as one: Redis does nothing else meanwhile.',
  },
  storeWaitingBytesMax: {
    default: 67_108_864,
    why: 'Writes that wait for a Redis store to take them; more are refused at once.',
  },
  spoolBytesMax: {
    default: 1_073_741_824,
    why: 'Audit events waiting on disk; beyond it posture.auditUnavailable decides.',
  },
  auditBatchMax: { default: 500, why: 'Events shipped to Redis in one batch.' },
  auditBatchBytesMax: {
    default: 4_194_304,
    why: 'Bytes of such a batch, so that a slow line still takes it in time.',
  },
  auditShippedKeptMin: {
    default: 10_000,
    why: 'Shipped events that stay on disk at least: a Redis that crashes or fails over may lose what it had acknowledged, and is sent it again.',
  },
  auditReconnectMsMax: {
    default: 5_000,
    why: 'Longest pause before Redis is tried again; pauses begin at 100 ms and double.',
  },
  auditShipTimeoutMs: { default: 5_000, why: 'Time for Redis to take one batch before it counts as away.' },
  auditFieldsMax: {
    default: 5_000,
    why: 'Fields named in one audit event, shown clear or not; the rest is counted as one.',
  },
  auditDataSubjectsMax: { default: 10_000, why: 'Data subjects named in one audit event.' },
  scanBytesMax: {
    default: 1_048_576,
    why: 'Free text searched for personal data; a longer text is redacted whole.',
  },
  tokenValueBytesMax: {
    default: 32_768,
    why: 'One value that is replaced by a token; the longest text field of the supported CRMs outside free text holds fewer.',
  },
  vaultBatchMax: {
    default: 1_000,
    why: 'Tokens asked of the store at once; more are taken in turns, so that one export cannot hold up the others.',
  },
  detokenizedPerMinuteMax: {
    default: 100_000,
    why: 'Values of the token vault that one principal may see in a minute: nobody carries the vault away unnoticed.',
  },
  budgetRecordsHeldMax: {
    default: 500_000,
    why: 'Records of reading budgets held in memory, about 100 bytes each; those of others are read from the store again when they call.',
  },
  budgetWindowBytesMax: {
    default: 1_048_576,
    why: 'Part of an answer whose records are counted against a reading budget at once, before it leaves.',
  },
  budgetSweepMs: {
    default: 3_600_000,
    why: 'Time between two searches of the store for reading budgets whose time is over.',
  },
  vaultHousekeepingMs: {
    default: 30_000,
    why: 'How often a running Privet reads its keyring again, and looks whether the vault is due to be swept.',
  },
  vaultSweepMs: {
    default: 600_000,
    why: 'How often tokens that the CRM refused are reclaimed: by one of the instances that share a vault.',
  },
  vaultPendingMs: {
    default: 3_600_000,
    why: 'How long ago a token must have been refused to be reclaimed, or written to count as unheard of: longer than any request takes.',
  },
  tokenTriesMax: {
    default: 5_000,
    why: 'Attempts at a token that keeps a format with check digits; one in a hundred numbers is valid in the strictest.',
  },
  consentIdentifiersMax: {
    default: 50,
    why: 'Records, addresses and numbers by which one person is known. More are shared by many: what would join them is refused, or kept for each by itself when it takes something away.',
  },
  consentEventsMax: {
    default: 1_000,
    why: 'Events in the history of one person; beyond it only what takes something further away is added.',
  },
  consentBatchMax: {
    default: 1_000,
    why: 'Consent events given to the store at once; more are taken in turns.',
  },
  adminBodyBytesMax: {
    default: 1_048_576,
    why: 'A request to the admin API; a thousand consent events fit.',
  },
  unsubscribesRunningMax: {
    default: 100,
    why: 'Unsubscriptions that are being recorded at once; more are asked to come again.',
  },
  badUnsubscribesPerMinuteMax: {
    default: 60,
    why: 'Links that open nothing, by address: nobody guesses links. Good ones are never held up by it.',
  },
  consentRowBytesMax: {
    default: 65_536,
    why: 'A row of an imported file; a quoted cell that does not end is given up after as much.',
  },
  consentPeopleCacheMax: {
    default: 20_000,
    why: 'Records whose people are remembered, and identifiers over the embedded store: a few pages.',
  },
  relatedPeopleMax: {
    default: 10_000,
    why: 'People whom the records asked about together may be about by what they are associated with or linked to: a hundred look-ups in HubSpot. Of further records nobody can tell whom they are about.',
  },
  consentFeedMax: {
    default: 10_000,
    why: "Values of the CRM's own consent fields that wait to be looked at; more are lost, and seen again at the next read.",
  },
  jwksCacheMs: {
    default: 600_000,
    why: 'How long fetched signing keys are trusted before they are fetched again.',
  },
  jwksRetryMs: {
    default: 30_000,
    why: 'Shortest time between two fetches of signing keys, so that made-up key ids cannot drive them.',
  },
  jwksStaleMs: {
    default: 3_600_000,
    why: 'How long fetched signing keys stay trusted while their host is away.',
  },
  clockToleranceMs: { default: 30_000, why: 'Clock difference between Privet and the issuer of a JWT.' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
/** Every limit with its value in force. */
export type Limits = Readonly<Record<LimitName, number>>;

export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]),
) as Limits;
