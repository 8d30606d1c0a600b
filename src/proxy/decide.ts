import type { Decision, ObjectView } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { type Principal, STRANGER } from '../model/principal.ts';
import { type DecisionRequest, decide } from '../policy/decide/decide.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import { UNKNOWN_ROUTE } from './recognise.ts';

/** What was asked, and the answer to it. */
export interface Decided {
  readonly asked: DecisionRequest;
  readonly decision: Decision;
}

/** What may this principal do and see? */
export function decideOn(
  house: House,
  passage: Passage,
  { door }: Received,
  principal: Principal | undefined,
  operation: Operation,
): Decided {
  const { policies } = passage;
  const asked: DecisionRequest = {
    snapshot: policies,
    crm: door.adapter,
    principal: principal ?? STRANGER,
    operation,
    facts: house.facts(),
  };
  // The operation is unknown and the posture lets it pass: no policy can be about it.
  const decision = operation.route === UNKNOWN_ROUTE ? unjudged(policies.hash) : decide(asked);
  passage.decision = decision;
  if (decision.denial !== undefined) passage.refusal = decision.denial;
  return { asked, decision };
}

function unjudged(policySet: string): Decision {
  const clear = (object: string): ObjectView => ({
    object,
    isClear: true,
    field: () => undefined,
    classifies: () => true,
    rows: [],
  });
  return { policies: [], policySet, view: { id: 'unjudged', isClear: true, of: clear } };
}
