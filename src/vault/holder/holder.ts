import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.ts';
import { FIRST_VERSION, type Keyring } from '../keys/keyring.ts';

/**
 * Who a sealed value belongs to: a data subject, under a keyed HMAC of its id, or somebody who has no id yet, because
 * the CRM gives one only when the record exists. Each holder has a data key of its own, and the end of that key is the
 * end of all that it sealed.
 */
export type DataSubjectRef = { readonly id: string } | { readonly provisional: string };

const LENGTH = 22;
const TIME_BYTES = 6;
const PROVISIONAL = /^p[\w-]{22}$/;

/**
 * A data subject whose id is not known yet. One for each record that is created; `bind` says later who it was. Its name
 * begins with the time.
 */
export function provisionalDataSubject(clock: Clock = systemClock): { readonly provisional: string } {
  const name = randomBytes(17);
  name.writeUIntBE(clock(), 0, TIME_BYTES);
  return { provisional: `p${name.toString('base64url').slice(0, LENGTH)}` };
}

/** When a provisional holder was made, in milliseconds since the epoch. */
export function provisionalSince(holder: string): number {
  return Buffer.from(holder.slice(1), 'base64url').readUIntBE(0, TIME_BYTES);
}

/** @throws RangeError for a provisional that was not made here */
export function holderOf(keyring: Keyring, dataSubject: DataSubjectRef): string {
  if ('provisional' in dataSubject) {
    if (!isProvisional(dataSubject.provisional)) throw new RangeError('This is no provisional data subject.');
    return dataSubject.provisional;
  }
  const digest = keyring.hmac('vault data subject', FIRST_VERSION)(dataSubject.id);
  return `d${digest.slice(0, LENGTH)}`;
}

export function isProvisional(holder: string): boolean {
  return PROVISIONAL.test(holder);
}
