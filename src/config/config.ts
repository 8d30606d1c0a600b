import type { AdminConfig } from '../admin/config.ts';
import type { AuditConfig } from '../audit/config.ts';
import type { ConsentConfig } from '../consent/config.ts';
import type { UnsubscribeConfig } from '../consent/unsubscribe/config.ts';
import type { IdentityConfig } from '../identity/config.ts';
import type { Limits } from '../limits.ts';
import type { Mode, Posture } from '../model/posture.ts';
import type { PoliciesConfig, Restriction } from '../policy/config.ts';
import type { ListenConfig, UpstreamConfig } from '../proxy/config.ts';
import type { StoreConfig } from '../store/config.ts';
import type { KeysConfig } from '../vault/config.ts';

/** A configuration that has been read, checked and filled in; paths are absolute. Holds secrets: never printed. */
export interface Config {
  readonly file: string;
  readonly listen: ListenConfig;
  readonly admin: AdminConfig;
  readonly upstreams: readonly UpstreamConfig[];
  readonly identity: IdentityConfig;
  readonly mode: Mode;
  readonly posture: Posture;
  readonly policies: PoliciesConfig;
  readonly restriction: Restriction;
  readonly store: StoreConfig;
  readonly keys?: KeysConfig;
  readonly consent: ConsentConfig;
  readonly unsubscribe?: UnsubscribeConfig;
  readonly audit: AuditConfig;
  readonly log: { readonly level: string };
  readonly limits: Limits;
}
