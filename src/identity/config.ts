import { UNTIL } from '../document/until.ts';

/** Where in a token's claims a principal's attributes are: a claim's name, or a dotted path into nested claims. */
export interface ClaimMap {
  readonly id?: string;
  readonly roles?: string;
  readonly purposes?: string;
  readonly region?: string;
  readonly level?: string;
  readonly crmUserId?: string;
  readonly team?: string;
}

const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

export interface JwtConfig {
  readonly header?: string;
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly algorithms?: readonly JwtAlgorithm[];
  /** https URL, or http URL on the loopback, or a file path. */
  readonly jwks: string;
  readonly claims?: ClaimMap;
  /** Purposes by the client app that a token was issued to. */
  readonly purposes?: Readonly<Record<string, readonly string[]>>;
  /** Regions by the same. */
  readonly regions?: Readonly<Record<string, string>>;
}

export interface ApiKeyEntry {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly sha256: string;
  readonly roles?: readonly string[];
  readonly purposes?: readonly string[];
  readonly region?: string;
  readonly level?: string;
  readonly crmUserId?: string;
  readonly team?: readonly string[];
  /** When the key ends by itself; see `endOf`. */
  readonly until?: string;
}

export interface ApiKeyConfig {
  readonly header?: string;
  readonly keys: readonly ApiKeyEntry[];
}

export interface CrmIdentityConfig {
  readonly cacheMs?: number;
  /** Roles by what the CRM calls a group: a profile, a user type, a scope. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  /** Purposes by the same. */
  readonly purposes?: Readonly<Record<string, readonly string[]>>;
}

export type ProviderConfig =
  | { readonly jwt: JwtConfig }
  | { readonly apiKey: ApiKeyConfig }
  | { readonly crm: CrmIdentityConfig };

/** Section `identity`: tried in order; the first that finds a credential decides. */
export type IdentityConfig = readonly ProviderConfig[];

export const IDENTITY_DEFAULTS = {
  jwtHeader: 'authorization',
  jwtAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
  idClaim: 'sub',
  apiKeyHeader: 'x-privet-key',
  crmCacheMs: 300_000,
} as const;

const text = (description: string) => ({ type: 'string', minLength: 1, description }) as const;
const texts = (description: string) =>
  ({ type: 'array', items: { type: 'string', minLength: 1 }, description }) as const;
/** RFC 9110 §5.6.2; lower case as Node gives header names. */
const header = (description: string, byDefault: string) =>
  ({
    type: 'string',
    pattern: "^[a-z0-9!#$%&'*+.^_`|~-]+$",
    title: 'the name of a header in lower case',
    description: `${description} Lower case.`,
    default: byDefault,
  }) as const;

const jwtSchema = {
  type: 'object',
  description: 'A signed JSON Web Token (RFC 7519) from an identity provider.',
  additionalProperties: false,
  required: ['issuer', 'audience', 'jwks'],
  properties: {
    header: header(
      'Header the token is in; another one when Authorization belongs to the CRM.',
      IDENTITY_DEFAULTS.jwtHeader,
    ),
    issuer: text('Value that the token must have as iss.'),
    audience: {
      description: 'Values of which the token must have one in aud.',
      oneOf: [text('One audience.'), { ...texts('Several audiences.'), minItems: 1 }],
    },
    algorithms: {
      type: 'array',
      minItems: 1,
      items: { enum: JWT_ALGORITHMS },
      description: 'Signature algorithms that are accepted. Shared secrets (HS256) never are.',
      default: IDENTITY_DEFAULTS.jwtAlgorithms,
    },
    jwks: {
      type: 'string',
      description:
        'The signing keys (RFC 7517): an https URL, or the path of a file that is read again when it changes.',
      // Anything with a scheme must be https, or http on the loopback.
      pattern: String.raw`^(?:https://.+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?/.*|(?![A-Za-z][A-Za-z0-9+.-]*://).+)$`,
      title: 'an https URL (http on the loopback alone), or the path of a file',
    },
    claims: {
      type: 'object',
      description: 'Claims that hold the attributes of the principal; dots lead into nested claims.',
      additionalProperties: false,
      properties: {
        id: { ...text('Claim with the id.'), default: IDENTITY_DEFAULTS.idClaim },
        roles: text('Claim with the roles: a list, or a text with blanks or commas between them.'),
        purposes: text('Claim with the purposes, in the same forms.'),
        region: text('Claim with the region.'),
        level: text('Claim with the level.'),
        crmUserId: text("Claim with the caller's own record id in the CRM."),
        team: text(
          'Claim with the record ids in the CRM of those in the caller’s team, in the forms of roles.',
        ),
      },
    },
    purposes: {
      type: 'object',
      description:
        'Purposes by the client app that the token was issued to (azp, or client_id). They count where neither the request nor the principal says one.',
      additionalProperties: texts('Purposes that the app acts for.'),
    },
    regions: {
      type: 'object',
      description:
        'Regions that client apps are in, by the same. Where the token says another one, what is shown must be fit for both.',
      additionalProperties: text('Region that the app is in.'),
    },
  },
} as const;

const apiKeySchema = {
  type: 'object',
  description: 'A key that was handed out for Privet.',
  additionalProperties: false,
  required: ['keys'],
  properties: {
    header: header('Header the key is in.', IDENTITY_DEFAULTS.apiKeyHeader),
    keys: {
      type: 'array',
      minItems: 1,
      description:
        'The keys, by their hash. Make them of 32 random bytes: the hash of a guessable key can be reversed.',
      items: {
        type: 'object',
        description: 'One key and the principal who holds it.',
        additionalProperties: false,
        required: ['id', 'sha256'],
        properties: {
          id: text('Id of the principal; it stands in the audit trail.'),
          sha256: {
            type: 'string',
            pattern: '^[0-9a-fA-F]{64}$',
            title: 'the 64 hexadecimal digits of a SHA-256',
            description: 'SHA-256 of the key in hex: printf %s "$KEY" | sha256sum',
          },
          roles: texts('Roles of the principal.'),
          purposes: texts('Purposes that the principal may act for.'),
          region: text('Region of the principal.'),
          level: text('Level of the principal.'),
          crmUserId: text("The principal's own record id in the CRM."),
          team: texts('Record ids in the CRM of those in the team of the principal.'),
          until: {
            ...UNTIL,
            description:
              'When the key ends by itself: a date, at the end of that day in UTC, or a date-time with its offset.',
          },
        },
      },
    },
  },
} as const;

const crmSchema = {
  type: 'object',
  description: "The CRM's own bearer token: the CRM is asked whose it is.",
  additionalProperties: false,
  properties: {
    cacheMs: {
      type: 'integer',
      minimum: 0,
      description:
        'How long the answer is remembered, and so how long a revoked token still counts as its owner.',
      default: IDENTITY_DEFAULTS.crmCacheMs,
    },
    roles: {
      type: 'object',
      description: 'Roles by what the CRM says of the user: profile, user type, scope.',
      additionalProperties: texts('Roles of such users.'),
    },
    purposes: {
      type: 'object',
      description: 'Purposes by the same.',
      additionalProperties: texts('Purposes that such users may act for.'),
    },
  },
} as const;

export const IDENTITY_SCHEMA = {
  type: 'array',
  minItems: 1,
  description: 'How callers are recognised: tried in order; the first that finds a credential decides.',
  examples: [
    [
      {
        jwt: {
          header: 'x-privet-jwt',
          issuer: 'https://login.acme.example',
          audience: 'privet',
          algorithms: IDENTITY_DEFAULTS.jwtAlgorithms,
          jwks: 'https://login.acme.example/jwks.json',
          claims: {
            id: 'sub',
            roles: 'groups',
            purposes: 'purposes',
            region: 'region',
            level: 'clearance.level',
            crmUserId: 'crm.userId',
            team: 'crm.team',
          },
          purposes: { 'newsletter-tool': ['marketing.email'] },
          regions: { 'newsletter-tool': 'UK' },
        },
      },
      {
        apiKey: {
          header: IDENTITY_DEFAULTS.apiKeyHeader,
          keys: [
            {
              id: 'support-desk',
              // SHA-256 of a text that nobody has.
              sha256: '0'.repeat(64),
              roles: ['support'],
              purposes: ['support'],
              region: 'EU',
              level: 'internal',
              crmUserId: '005000000000001AAA',
              team: ['005000000000001AAA', '005000000000002AAA'],
              until: '2099-12-31',
            },
          ],
        },
      },
      {
        crm: {
          cacheMs: IDENTITY_DEFAULTS.crmCacheMs,
          roles: { 'Standard User': ['sales-rep'] },
          purposes: { 'Marketing User': ['marketing'] },
        },
      },
    ],
  ],
  items: {
    type: 'object',
    description: 'One way to recognise callers.',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties: { jwt: jwtSchema, apiKey: apiKeySchema, crm: crmSchema },
  },
} as const;
