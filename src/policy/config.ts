/** The `policies` section of the configuration. */
export const POLICIES_SCHEMA = {
  type: 'object',
  description: 'Where policies and data maps are.',
  additionalProperties: false,
  properties: {
    path: {
      type: 'string',
      description: 'Directory of policies and data maps, relative to the configuration file.',
      default: './policies',
    },
    include: {
      type: 'array',
      items: { type: 'string' },
      description:
        'Shipped packs by their place in the package’s own policies directory, such as packs/salesforce; other directories by a path that begins with . or /.',
      default: [],
      examples: [['packs/salesforce', 'packs/hubspot']],
    },
    reload: {
      type: 'boolean',
      description: 'Takes up changed files while running; a wrong change leaves the old policies in force.',
      default: true,
    },
    roles: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      description:
        'All roles there are. When given, whatever names another is refused. A `roles` document among the policies says more, and must agree.',
      examples: [
        [
          'support',
          'support-lead',
          'marketing',
          'sales-rep',
          'sales-lead',
          'call-center',
          'privacy-officer',
          'data-export-officer',
        ],
      ],
    },
  },
} as const;

/** The `restriction` section of the configuration. */
export const RESTRICTION_SCHEMA = {
  type: 'object',
  description: 'People whose processing is restricted (GDPR Art. 18).',
  additionalProperties: false,
  properties: {
    visibleTo: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      uniqueItems: true,
      description:
        'Roles that see their records, change them and may send to them. For everybody else they are not there.',
      default: [],
      examples: [['privacy-officer']],
    },
  },
} as const;

/** The parsed section, with defaults filled in. */
export interface PoliciesConfig {
  readonly path: string;
  readonly include: readonly string[];
  readonly reload: boolean;
  readonly roles?: readonly string[];
}

/** Who may see people whose processing is restricted (GDPR Art. 18); the `restriction` section of the configuration. */
export interface Restriction {
  /** Roles. */
  readonly visibleTo: readonly string[];
}
