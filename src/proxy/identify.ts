import { PrivetError } from '../errors.ts';
import type { Principal } from '../model/principal.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';

/**
 * Who is calling, for what purpose? Undefined: nobody was recognised, and the posture decides once the operation is
 * known.
 * @throws PrivetError LOCKED_OUT after too many failures: nothing was verified
 */
export async function identify(
  house: House,
  passage: Passage,
  { door }: Received,
): Promise<Principal | undefined> {
  const { headers, socket } = passage.req;
  const found = door.identifier.identify(headers, socket.remoteAddress);
  const principal = found instanceof Promise ? await found : found;
  if (principal === 'locked') {
    const locked = new PrivetError('LOCKED_OUT');
    if (house.enforcement.mode === 'enforce') throw locked;
    passage.refusal = { policy: locked.code, message: locked.message };
    return undefined;
  }
  if (principal !== undefined) passage.principal = principal;
  return principal;
}
