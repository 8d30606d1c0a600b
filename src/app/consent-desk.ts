import type { Logger } from 'pino';
import type { ApiOptions } from '../admin/api.ts';
import { consentOperations } from '../admin/consent-api.ts';
import type { AuditLog } from '../audit/log.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createConsentFeed, type OpenConsentFeed } from '../consent/feed.ts';
import { type OpenConsentRegistry, openConsentRegistry } from '../consent/open-registry.ts';
import { createUnsubscribeTokens, type UnsubscribeTokens } from '../consent/unsubscribe/link.ts';
import { createUnsubscribeLinks } from '../consent/unsubscribe/links.ts';
import type { LoginWatch } from '../identity/login/login-watch.ts';
import type { AuditEntry } from '../model/audit-event.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';
import type { Handle } from '../proxy/pipeline.ts';
import { withUnsubscribe } from '../proxy/unsubscribe/endpoint.ts';
import type { Store } from '../store/store.ts';
import { FIRST_VERSION, type Keyring } from '../vault/keys/keyring.ts';
import type { Adapters } from './adapters.ts';
import { consentOptions, eventReading } from './consent.ts';

/** The registry, and the feed of what answers and requests show of consent. */
export interface OpenConsent {
  readonly registry: OpenConsentRegistry;
  readonly feed: OpenConsentFeed;
  /** Appends what waits, and leaves the store open. */
  readonly close: () => Promise<void>;
}

export async function openConsent(
  config: Config,
  { keyring, store, log }: Pick<ConsentDesk, 'keyring' | 'log'> & { readonly store: Store },
): Promise<OpenConsent> {
  const registry = await openConsentRegistry({ ...consentOptions(config, keyring), store });
  const feed = createConsentFeed({
    append: registry.observe,
    limits: config.limits,
    failed: (error) => log.error({ err: error }, 'what the CRM says of consent is not appended'),
  });
  const close = async (): Promise<void> => {
    await feed.close();
    registry.close();
  };
  return { registry, feed, close };
}

/** What the consent API and the unsubscribe endpoint need. */
export interface ConsentDesk {
  readonly plan: { readonly config: Config; readonly adapters: Adapters };
  readonly keyring: Pick<Keyring, 'derive'>;
  readonly registry: OpenConsentRegistry;
  readonly audit: Pick<AuditLog, 'record' | 'state'>;
  /** The snapshot in force. */
  readonly policies: () => PolicySnapshot;
  readonly log: Logger;
}

/** The API for programs; undefined without keys for it. */
export function adminApi(desk: ConsentDesk, watch: LoginWatch): ApiOptions | undefined {
  const { plan, policies, registry, audit, log } = desk;
  const { admin, unsubscribe, posture, limits } = plan.config;
  if (admin.keys.length === 0) return undefined;
  const operations = consentOperations({
    registry,
    reading: eventReading(plan, policies, 'api'),
    links: unsubscribe && createUnsubscribeLinks(unsubscribe, tokensOf(desk)),
    record: recorderOf(desk),
    mayChange: () => {
      const { writable, full } = audit.state();
      return posture.auditUnavailable === 'allow' || (writable && !full);
    },
    limits,
  });
  return {
    keys: admin.keys,
    watch,
    operations,
    limits,
    failed: (error) => log.error({ err: error }, 'the admin API failed'),
  };
}

/** The listener's handler with the unsubscribe endpoint before it, where the configuration has one. */
export function unsubscribing(desk: ConsentDesk, pipeline: Handle): Handle {
  const { plan, registry, log } = desk;
  const { unsubscribe, limits } = plan.config;
  if (unsubscribe === undefined) return pipeline;
  const options = {
    tokens: tokensOf(desk),
    purposes: unsubscribe.purposes,
    registry,
    record: recorderOf(desk),
    clock: systemClock,
    limits,
    log,
  };
  return withUnsubscribe(options, pipeline);
}

function tokensOf({ keyring }: ConsentDesk): UnsubscribeTokens {
  // The first version, for ever: links stand in letters that were sent.
  return createUnsubscribeTokens(keyring.derive('unsubscribe link', FIRST_VERSION));
}

function recorderOf({
  audit,
  policies,
}: ConsentDesk): (entry: Omit<AuditEntry, 'policySet'>) => Promise<void> {
  return (entry) => audit.record({ ...entry, policySet: policies().hash });
}
