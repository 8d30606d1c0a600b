/**
 * Policy enforcement point: the way of a request.
 *
 *     client ──► receive ─► identify ─► recognise ─► decide ─► rewrite request ─► forward ──► CRM
 *     client ◄── send ◄──── record ◄── rewrite response ◄───────────────────────── answer ◄── CRM
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decideOn } from './decide.ts';
import { forward } from './forward.ts';
import type { House } from './house.ts';
import { identify } from './identify.ts';
import { beginPassage } from './passage.ts';
import { receive } from './receive.ts';
import { recognise } from './recognise.ts';
import { recordCompletion, recordDecision } from './record.ts';
import { refuse } from './refuse.ts';
import { rewriteRequest } from './rewrite-request.ts';
import { sendAnswer } from './send-answer.ts';

export type Handle = (req: IncomingMessage, res: ServerResponse, receivedAt: number) => Promise<void>;

export function createPipeline(house: House): Handle {
  return async (req, res, receivedAt) => {
    const passage = beginPassage(req, res, receivedAt, house.policies());
    try {
      const received = receive(house, passage);
      const principal = await identify(house, passage, received);
      const operation = await recognise(house, passage, received, principal);
      const decided = decideOn(house, passage, received, principal, operation);
      const outgoing = await rewriteRequest(house, passage, received, decided);
      const recorded = recordDecision(house, passage);
      const answer = await forward(house, passage, received, outgoing, recorded);
      await sendAnswer(house, passage, received, outgoing, answer);
    } catch (error) {
      await refuse(house, passage, error);
    } finally {
      recordCompletion(house, passage);
    }
  };
}
