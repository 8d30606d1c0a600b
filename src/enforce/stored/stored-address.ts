import type { ObjectView, View } from '../../model/decision.ts';
import type { Operation, Recipient } from '../../model/operation.ts';
import { Refusal } from '../refusal.ts';

/**
 * The CRM would keep an address that it is told, and could write to nobody by a token. To unsubscribe somebody by it
 * reaches nobody, so there a token takes its place (see `storeLookups`), but only for those who may look people up by
 * it: whether there is one tells that the address is known.
 * @throws Refusal for mails and subscriptions that name people by addresses of which the CRM keeps tokens
 */
export function requireNoStoredAddress(
  { kind, objects, recipients, withdrawn = [] }: Operation,
  view: View,
): void {
  const isReached = kind === 'send' && (recipients?.named ?? []).some(isAddress);
  const isWithdrawn = withdrawn.some(({ recipient }) => isAddress(recipient));
  if (!isReached && !isWithdrawn) return;
  for (const object of objects) {
    const seen = view.of(object);
    const kept = keptAddress(seen);
    if (kept === undefined || !(isReached || seen.field(kept.field) !== undefined)) continue;
    throw new Refusal({
      policy: kept.policy,
      message: `The CRM keeps tokens of ${kept.field} of ${object}, and this request names people by it.`,
    });
  }
}

function isAddress(recipient: Recipient): boolean {
  return 'email' in recipient;
}

function keptAddress({ person, stored }: ObjectView): { field: string; policy: string } | undefined {
  const field = person?.email;
  const kept = field === undefined ? undefined : stored?.(field);
  return field === undefined || kept === undefined
    ? undefined
    : { field, policy: kept.policies[0] ?? 'store' };
}
