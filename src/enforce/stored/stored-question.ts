import type { CrmAdapter } from '../../crm/adapter.ts';
import type { View } from '../../model/decision.ts';
import type { FieldUse } from '../../model/operation.ts';
import type { CrmRequest } from '../../model/request.ts';
import { Refusal } from '../refusal.ts';

export interface QuestionTools {
  readonly adapter: CrmAdapter;
  readonly view: View;
  /** Reads from the CRM with the client's own credentials; undefined when it does not answer with JSON. */
  readonly read: (request: CrmRequest) => Promise<unknown>;
}

/**
 * The records that match a query tell what they hold, even when the query is stored in the CRM and somebody else wrote
 * it.
 * @param question id of the stored query
 * @throws Refusal where it is about fields that are not shown in clear, or cannot be read
 */
export async function requireOpenQuestion(
  question: string,
  { adapter, view, read }: QuestionTools,
): Promise<void> {
  const reading = adapter.readQuestion?.(question);
  const uses = reading?.uses(await read(reading.request));
  if (uses === undefined) {
    throw refused('posture.unreadableBody', 'It cannot be told what decides which records these are.');
  }
  for (const use of uses) {
    const policy = hidingPolicy(use, view);
    if (policy !== undefined) {
      const what = use.field === '*' ? 'something' : `${use.field} of ${use.object},`;
      throw refused(
        policy,
        `Which records these are is decided by ${what} that is not shown to you in clear.`,
      );
    }
  }
}

function hidingPolicy({ object, field }: FieldUse, view: View): string | undefined {
  const seen = view.of(object);
  if (field !== '*') {
    const shown = seen.field(field);
    return shown && (shown.policies[0] ?? 'show');
  }
  return seen.isClear || seen.alters === false ? undefined : 'show';
}

function refused(policy: string, message: string): Refusal {
  return new Refusal({ policy, message });
}
