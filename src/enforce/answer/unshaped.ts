import type { DocumentHandler, RecordCursor } from '../../media/record.ts';
import type { ObjectView, View } from '../../model/decision.ts';
import type { RecordShape } from '../../model/shape.ts';
import type { ObjectPlan } from '../record/object-plan.ts';
import type { Tally } from '../record/tally.ts';
import { treatValue } from '../record/treat-value.ts';

/** No object of any CRM is called this. */
const NO_OBJECT = '(none)';

/**
 * An object of which the CRM's description does not say what it is, outside of all records: in an error, or under a name
 * that the CRM has added. It may hold a whole record, such as the duplicates that keep another one from being written.
 */
export const UNSHAPED: RecordShape = {
  is: 'record',
  object: NO_OBJECT,
  members: {},
  others: 'field',
  get nested(): RecordShape {
    return UNSHAPED;
  },
};

export function isUnshaped({ object }: RecordCursor): boolean {
  return object === NO_OBJECT;
}

interface Showing {
  readonly view: View;
  readonly plans: (view: ObjectView) => ObjectPlan;
  readonly tally: Tally;
  readonly special: DocumentHandler['special'];
}

/**
 * Shows such an object. A value under the name of a field that a data map knows is treated as the least revealing view
 * over all objects has it; any other text is one that may echo values. It is never left out, since it is no record.
 */
export function createShowUnshaped({ view, plans, tally, special }: Showing): (record: RecordCursor) => void {
  function showText(record: RecordCursor, index: number): void {
    const shown = special('text', record.text(index), record.depth);
    if (shown === null) record.setLiteral(index, 'null');
    else if (shown !== undefined) record.setString(index, shown);
  }

  return (record) => {
    const { field } = plans(view.of('*'));
    for (let index = 0; index < record.size; index++) {
      const { classified, transform, key } = field(record.nameId(index), record.name(index));
      const isTreated = classified && transform !== undefined;
      const isText = record.kind(index) === 'string' && (!isTreated || transform.treatment.kind === 'scan');
      if (isText) showText(record, index);
      else if (isTreated && treatValue(record, index, transform)) tally.treated(key).count++;
    }
  };
}
