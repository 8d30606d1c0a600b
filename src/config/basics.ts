import { LIMITS } from '../limits.ts';

/** Sections that belong to no single folder: they are about all of Privet. */
export const MODE_SCHEMA = {
  type: 'string',
  enum: ['enforce', 'observe'],
  default: 'enforce',
  description: 'observe: nothing is changed or denied, and the audit says what would have been.',
} as const;

export const POSTURE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  description: 'What happens where nothing can be known.',
  properties: {
    unknownOperation: {
      type: 'string',
      enum: ['deny', 'allow'],
      default: 'deny',
      description: 'A request that no adapter recognises. allow lets it pass uninspected.',
    },
    unclassifiedField: {
      type: 'string',
      enum: ['show', 'redact'],
      default: 'show',
      description: 'A field that no data map names. Always counted and reported by name.',
    },
    unreadableBody: {
      type: 'string',
      enum: ['deny', 'allow'],
      default: 'deny',
      description: 'A body that cannot be inspected. allow lets it pass as it is.',
    },
    unidentified: {
      type: 'string',
      enum: ['deny', 'allow'],
      default: 'deny',
      description: 'A caller nobody recognises. allow treats it as a principal without roles.',
    },
    auditUnavailable: {
      type: 'string',
      enum: ['deny', 'allow'],
      default: 'deny',
      description: 'The audit trail cannot be written, for instance because the spool is full.',
    },
  },
} as const;

export const LOG_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  description: 'Structured logs on standard output.',
  properties: {
    level: {
      type: 'string',
      enum: ['silent', 'fatal', 'error', 'warn', 'info', 'debug'],
      default: 'info',
      description: 'Least serious level that is written.',
    },
  },
} as const;

export const LIMITS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  description: 'Every limit by name, with its default and its reason.',
  properties: Object.fromEntries(
    Object.entries(LIMITS).map(([name, limit]) => [
      name,
      { type: 'integer', minimum: 1, default: limit.default, description: limit.why },
    ]),
  ),
} as const;
