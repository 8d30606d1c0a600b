/** What an operation carries must be readable to be judged. What is not is refused, unless the posture lets it pass. */

import type { Decision, View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Enforcement } from './enforcement.ts';
import { Refusal } from './refusal.ts';

/**
 * Whether it writes records. What is written may have been seen in another operation, so this does not depend on the
 * view of this one.
 */
export function writesRecords({ kind, uses }: Operation): boolean {
  return kind === 'create' || kind === 'update' || uses.some(({ position }) => position === 'write');
}

/** Refuses records in an unread body: they may hold what this principal was shown in place of values. */
export function requireReadableWrite(tools: Enforcement, operation: Operation, shown: readonly View[]): void {
  // The rows of an upload are compared as they come: see `keepMasksOutOfRows`.
  if (operation.body.format !== 'opaque' || tools.posture.unreadableBody === 'allow') return;
  const { uses } = operation;
  const hidden = uses.find(
    ({ object, position }) => position === 'write' && shown.some((view) => view.of(object).alters !== false),
  );
  if (hidden === undefined) return;
  const denial = {
    policy: 'posture.unreadableBody',
    message: `What "${operation.route}" writes to ${hidden.object} cannot be inspected, and not everything of it is shown to you: masks might be written over values.`,
  };
  throw new Refusal(denial, 'BODY_UNREADABLE');
}

export function requireReadableAnswer(tools: Enforcement, operation: Operation, decision: Decision): void {
  const isFile = operation.file !== undefined;
  const unreadable = operation.needsClearView === true || (operation.answer.format === 'opaque' && !isFile);
  if (!unreadable || tools.posture.unreadableBody === 'allow') return;
  throw new Refusal(
    {
      policy: decision.policies[0] ?? 'posture.unreadableBody',
      message: `What "${operation.route}" ${operation.kind === 'send' ? 'sends' : 'answers'} cannot be inspected, and not everything in it may be shown to you.`,
    },
    'BODY_UNREADABLE',
  );
}

/**
 * Refuses answers whose records cannot be counted against a limit: reports and files, and also exports and mails with
 * data of records, which leave the CRM past the proxy.
 */
export function requireCountableAnswer(tools: Enforcement, operation: Operation, decision: Decision): void {
  const { answer, kind, route, file, objects, needsClearView } = operation;
  const leaves = kind === 'export' || (kind === 'send' && needsClearView === true);
  if (answer.format !== 'opaque' && !leaves && file === undefined) return;
  const held = file === undefined ? objects : [file.object];
  const limit = decision.limits?.find(({ covers }) => held.length === 0 || held.some(covers));
  if (limit === undefined || tools.posture.unreadableBody === 'allow') return;
  const message = `The records in the answer to "${route}" cannot be counted, and there is a limit on how many you may read.`;
  throw new Refusal({ policy: limit.policy, message }, 'BODY_UNREADABLE');
}
