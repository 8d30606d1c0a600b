import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { Identifier } from '../identity/identifier.ts';
import type { Operation } from '../model/operation.ts';
import { formatTarget } from './wire/target.ts';

/** A secret that a request takes to the CRM, to log in or to look it up. It passes unread but for its digest. */
export interface TriedSecret {
  /** The body passes through it. */
  readonly body: () => Transform;
  /** To be called with the status of the CRM's answer. */
  readonly answered: (status: number, watch: Pick<Identifier, 'refusedByCrm'>, address: string) => void;
}

/** RFC 6749 section 5.2: 400 or 401. Look-ups of tokens answer 403 or 404. */
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 404]);

/** Undefined where the request tries none. */
export function triedSecret({ triesSecret, request }: Operation): TriedSecret | undefined {
  if (triesSecret !== true) return undefined;
  const digest = createHash('sha256').update(formatTarget(request.path, request.query));
  return {
    body: () =>
      new Transform({
        transform: (chunk: Buffer, _, done) => {
          digest.update(chunk);
          done(null, chunk);
        },
      }),
    answered: (status, { refusedByCrm }, address) => {
      if (REFUSED.has(status)) refusedByCrm(digest.digest('base64url'), address);
    },
  };
}
