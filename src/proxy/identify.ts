import type { Principal } from '../model/principal.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';

/** Who is calling, for what purpose? Undefined: nobody was recognised; the posture has its say once the operation is known. */
export async function identify(passage: Passage, { door }: Received): Promise<Principal | undefined> {
  const found = door.identifier.identify(passage.req.headers);
  const principal = found instanceof Promise ? await found : found;
  if (principal !== undefined) passage.principal = principal;
  return principal;
}
