import type { View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import { Refusal } from '../refusal.ts';

/**
 * The CRM would keep an address that it is told, and could write to nobody by a token.
 * @throws Refusal for mails and subscriptions that name people by addresses of which the CRM keeps tokens
 */
export function requireNoStoredAddress(
  { kind, objects, recipients, withdrawn = [] }: Operation,
  view: View,
): void {
  const reached = kind === 'send' ? (recipients?.named ?? []) : [];
  const people = [...reached, ...withdrawn.map(({ recipient }) => recipient)];
  if (!people.some((one) => 'email' in one)) return;
  for (const object of objects) {
    const { person, stored } = view.of(object);
    const kept = person?.email === undefined ? undefined : stored?.(person.email);
    if (kept === undefined) continue;
    throw new Refusal({
      policy: kept.policies[0] ?? 'store',
      message: `The CRM keeps tokens of ${person?.email} of ${object}, and this request names people by it.`,
    });
  }
}
