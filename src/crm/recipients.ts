import type { Operation, Recipient } from '../model/operation.ts';

export type Recipients = NonNullable<Operation['recipients']>;

/** People that a request names, each once. */
export function named(recipients: readonly Recipient[]): Recipients {
  const byKey = new Map(recipients.map((recipient) => [JSON.stringify(recipient), recipient]));
  return { named: [...byKey.values()], untold: false };
}

/** Recipients that the CRM finds by itself. */
export const UNTOLD: Recipients = { named: [], untold: true };

/** All of several; undefined when none of them reaches anybody. */
export function together(all: readonly (Recipients | undefined)[]): Recipients | undefined {
  const present = all.filter((one) => one !== undefined);
  if (present.length === 0) return undefined;
  return {
    ...named(present.flatMap((one) => one.named)),
    untold: present.some(({ untold }) => untold),
    ...(present.some(({ isMarketing }) => isMarketing === true) && { isMarketing: true as const }),
  };
}

/** Objects of the records by which recipients are named. */
export function objectsOfRecipients({ named: recipients }: Recipients): string[] {
  return [...new Set(recipients.flatMap((one) => ('object' in one ? [one.object] : [])))];
}

/** The operation as a plain update: a send that reaches nobody. */
export function asUpdate({ recipients: _, otherKinds: __, ...operation }: Operation): Operation {
  return { ...operation, kind: 'update' };
}
