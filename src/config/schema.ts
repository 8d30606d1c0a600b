import { ADMIN_SCHEMA } from '../admin/config.ts';
import { AUDIT_SCHEMA } from '../audit/config.ts';
import { CONSENT_SCHEMA } from '../consent/config.ts';
import { UNSUBSCRIBE_SCHEMA } from '../consent/unsubscribe/config.ts';
import { IDENTITY_SCHEMA } from '../identity/config.ts';
import { POLICIES_SCHEMA, RESTRICTION_SCHEMA } from '../policy/config.ts';
import { LISTEN_SCHEMA, UPSTREAMS_SCHEMA } from '../proxy/config.ts';
import { STORE_SCHEMA } from '../store/config.ts';
import { KEYS_SCHEMA } from '../vault/config.ts';
import { LIMITS_SCHEMA, LOG_SCHEMA, MODE_SCHEMA, POSTURE_SCHEMA } from './basics.ts';

/** The whole configuration file: every room's own section under its name. */
export const CONFIG_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['upstreams', 'identity'],
  properties: {
    listen: LISTEN_SCHEMA,
    admin: ADMIN_SCHEMA,
    upstreams: UPSTREAMS_SCHEMA,
    identity: IDENTITY_SCHEMA,
    mode: MODE_SCHEMA,
    posture: { ...POSTURE_SCHEMA, default: {} },
    policies: { ...POLICIES_SCHEMA, default: {} },
    restriction: { ...RESTRICTION_SCHEMA, default: {} },
    store: STORE_SCHEMA,
    keys: KEYS_SCHEMA,
    consent: CONSENT_SCHEMA,
    unsubscribe: UNSUBSCRIBE_SCHEMA,
    audit: AUDIT_SCHEMA,
    log: { ...LOG_SCHEMA, default: {} },
    limits: { ...LIMITS_SCHEMA, default: {} },
  },
} as const;
