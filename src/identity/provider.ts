import type { IncomingHttpHeaders } from 'node:http';
import type { IdentifiedVia, Principal } from '../model/principal.ts';

/**
 * What one provider says about a request: who calls. `nobody`: its credential is there but not valid. `expired`: it is
 * no longer valid, or not yet. `unanswered`: the CRM or the host of the keys does not answer. `absent`: it has no
 * credential, so the next provider may look.
 */
export type Verdict = Principal | 'nobody' | 'expired' | 'unanswered' | 'absent';

/** One way of recognising a caller. */
export interface Provider {
  readonly via: IdentifiedVia;
  /** Header the credential is in. */
  readonly header: string;
  /** Synchronous where the credential is known already. Never throws, never rejects. */
  readonly identify: (headers: IncomingHttpHeaders) => Verdict | Promise<Verdict>;
  /** True when a header of this request is meant for Privet and must not travel upstream. Names are in lower case. */
  readonly owns: (name: string, value: string | readonly string[]) => boolean;
  /** Header that the CRM reads its credential from, where this provider reads the same one. */
  readonly sharesHeader?: string;
}
