import { type DecidedRequest, dischargeRequest } from '../enforce/discharge.ts';
import { locatorOwner } from '../enforce/locator.ts';
import type { View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { viewsAhead, viewsOfReading } from '../policy/decide/decide.ts';
import type { Decided } from './decide.ts';
import type { House } from './house.ts';
import type { Outgoing } from './outgoing.ts';
import type { Passage } from './passage.ts';
import { readFromCrm } from './read-from-crm.ts';
import type { Received } from './receive.ts';

/** Discharges every obligation on the request. @throws Refusal */
export async function rewriteRequest(
  house: House,
  passage: Passage,
  received: Received,
  { asked, decision }: Decided,
): Promise<Outgoing> {
  const { adapter, name } = received.door;
  const { principal, operation } = asked;
  const owner = locatorOwner(name, principal);
  const decided: DecidedRequest = { adapter, operation, decision, owner };
  const discharged = await dischargeRequest(house.enforcement, decided, {
    shown: () => viewsOfReading(asked),
    ahead: () => viewsAhead(asked),
    read: (request) => readFromCrm(house, passage, received, request),
  });
  if (discharged.refusal !== undefined) passage.refusal = discharged.refusal;
  const { view } = decision;
  const isAsItIs = view.isClear && view.reveals !== true;
  const viewId = isAsItIs || house.enforcement.mode === 'observe' ? undefined : view.id;
  const dependsOnStandings = viewId !== undefined && asksStanding(view, operation);
  return { decided, discharged, viewId, dependsOnStandings };
}

/**
 * The request for one record tells which object the answer holds; other requests do not always, so they count as
 * asking.
 */
function asksStanding(view: View, { recordId, objects }: Operation): boolean {
  if (view.asksStanding !== true) return false;
  const isOfOne = recordId !== undefined && objects.length > 0;
  return !isOfOne || objects.some((object) => view.of(object).asksStanding === true);
}
