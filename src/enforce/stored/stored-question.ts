import type { CrmAdapter } from '../../crm/adapter.ts';
import type { View } from '../../model/decision.ts';
import type { FieldUse, Operation } from '../../model/operation.ts';
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
 * @returns the operation, with what the query tells about its answer
 * @throws Refusal where it is about fields that are not shown in clear, or cannot be read
 */
export async function requireOpenQuestion(
  operation: Operation,
  { adapter, view, read }: QuestionTools,
): Promise<Operation> {
  const { question } = operation;
  if (question === undefined) return operation;
  const reading = adapter.readQuestion?.(question);
  const query = reading && (await read(reading.request));
  const uses = reading?.uses(query);
  if (reading === undefined || uses === undefined) {
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
  return reading.answered(operation, query);
}

/** What asks about anything may be about a record that is left out. */
function hidingPolicy({ object, field }: FieldUse, view: View): string | undefined {
  const seen = view.of(object);
  if (field !== '*') {
    const shown = seen.field(field);
    return shown && (shown.policies[0] ?? 'show');
  }
  return seen.isClear ? undefined : (seen.rows[0]?.policy ?? 'show');
}

function refused(policy: string, message: string): Refusal {
  return new Refusal({ policy, message });
}
