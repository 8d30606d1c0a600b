import { PrivetError } from '../errors.ts';
import type { CrmRequest } from '../model/request.ts';
import { canonicalRequest } from './canonical-request.ts';
import { type Door, findDoor, hostName } from './door.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import { refuseUnclearEnd } from './wire/body.ts';
import { type ProxyBase, proxyBase } from './wire/links.ts';
import { refuseRepeatedHeaders } from './wire/request-headers.ts';
import { pathOf } from './wire/target.ts';

/** A request in its canonical form, at the door it is for. */
export interface Received {
  readonly door: Door;
  /** How the client reached the proxy: where the CRM's links are led back to. */
  readonly base: ProxyBase;
  /** The path is the CRM's: without the door's prefix. */
  readonly request: CrmRequest;
}

/**
 * Is this a well-formed request within limits?
 * @throws PrivetError TARGET_AMBIGUOUS, REQUEST_MALFORMED, UPSTREAM_UNKNOWN
 */
export function receive(house: House, passage: Passage): Received {
  const { req } = passage;
  refuseRepeatedHeaders(req.rawHeaders);
  refuseUnclearEnd(req);
  const host = hostName(req.headers.host ?? '');
  // The door is found twice: before reading the target, because doors differ in which parameters may repeat, and after.
  // Two answers mean that the target can be read in two ways.
  const door = findDoor(house.doors, host, pathOf(req.url ?? ''));
  passage.door = door;
  const { path, request } = canonicalRequest(req, door, house.enforcement.limits);
  if (findDoor(house.doors, host, path) !== door) throw new PrivetError('TARGET_AMBIGUOUS');
  const asSent = proxyBase(req, house.isTls, door.prefix);
  return { door, base: door.publicBase ?? asSent, request };
}
