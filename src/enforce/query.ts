import type { CrmAdapter, Narrowed } from '../crm/adapter.ts';
import type { RowRule, View } from '../model/decision.ts';
import type { FieldUse, Operation } from '../model/operation.ts';
import { Refusal } from './refusal.ts';

/** Object → the rules that its records must meet. */
type Rules = ReadonlyMap<string, readonly RowRule[]>;

/** One shared object, so that results can be remembered by it. */
export const NOTHING_ADDED: Narrowed['added'] = new Map();

/**
 * Adds to a query the fields that the decision needs, and pushes row rules into the CRM's query language where that is
 * exact. Records are filtered again on their way back.
 * @throws Refusal when the answer is computed over records that the principal may not all see, or chosen by what they
 * hold
 */
export function narrowQuery(adapter: CrmAdapter, operation: Operation, view: View): Narrowed {
  const fields = new Map<string, readonly string[]>();
  const all = new Map<string, readonly RowRule[]>();
  for (const object of operation.objects) {
    const { rows: rules, needs = [] } = view.of(object);
    if (rules.length === 0 && needs.length === 0) continue;
    fields.set(object, [...new Set([...needs, ...rules.flatMap((rule) => rule.needs)])]);
    if (rules.length > 0) all.set(object, rules);
  }
  if (fields.size === 0) return { operation, added: NOTHING_ADDED, rowsPushed: true };

  // The CRM cannot be asked about consent or restriction.
  const rows = only(all, ({ requires, restricts }) => requires === undefined && restricts !== true);
  const narrowed = adapter.narrow(operation, { fields, rows });
  const required = only(all, ({ requires }) => requires !== undefined);
  const restricted = only(all, ({ restricts }) => restricts === true);
  const hidden = narrowed.rowsPushed ? required : only(all, ({ restricts }) => restricts !== true);
  refuseTelling(operation, hidden, { count: true, use: () => true });
  // A number of people does not tell that one of them is restricted, but what is computed from a field of theirs does,
  // and may be its value. Who is looked up has been judged.
  const tells = (use: FieldUse): boolean =>
    view.of(use.object).isPersonal?.(use.field) === true &&
    use.position !== 'lookup' &&
    !countsRecords(adapter, use);
  refuseTelling(operation, restricted, { count: false, use: tells });
  const rowsPushed = narrowed.rowsPushed && required.size === 0 && restricted.size === 0;
  // An aggregate that was not refused may be shown, and holds no records to leave out.
  return { ...narrowed, rowsPushed: rowsPushed || operation.aggregates };
}

/** `COUNT(Id)` */
function countsRecords({ idField }: CrmAdapter, { field, position }: FieldUse): boolean {
  return position === 'aggregate' && field.toLowerCase() === idField?.toLowerCase();
}

function only(rules: Rules, isMeant: (rule: RowRule) => boolean): Rules {
  return new Map(
    [...rules]
      .map(([object, all]) => [object, all.filter(isMeant)] as const)
      .filter(([, meant]) => meant.length > 0),
  );
}

/** A use that would tell something about a hidden record. */
interface Telling {
  /** That it counts among others. */
  readonly count: boolean;
  /** Whether a use of one of its fields tells something. */
  readonly use: (use: FieldUse) => boolean;
}

function refuseTelling(operation: Operation, hidden: Rules, tells: Telling): void {
  const [first] = hidden.values();
  if (first === undefined) return;
  const policy = first[0]?.policy ?? 'rows';
  const names = [...hidden.keys()].join(', ');
  const isOracle = (use: FieldUse): boolean =>
    hidden.has(use.object) && use.position !== 'select' && use.position !== 'write' && tells.use(use);
  if (operation.aggregates && (tells.count || operation.uses.some(isOracle))) {
    const message = `Counts and groups over ${names} would tell of records that may not be seen.`;
    throw new Refusal({ policy, message });
  }
  const telling = tellingField(operation, hidden, isOracle);
  if (telling !== undefined) {
    const message = `Other records cannot be chosen or sorted by ${telling}: that would tell of records of ${names} that may not be seen.`;
    throw new Refusal({ policy, message });
  }
}

/**
 * A field of an object with hidden records by which other records are chosen: these stay in the answer, and tell what
 * the hidden record holds.
 */
function tellingField(
  { objects, uses }: Operation,
  hidden: Rules,
  isOracle: (use: FieldUse) => boolean,
): string | undefined {
  const isAlone = objects.every((object) => hidden.has(object));
  const use = uses.find((one) => isOracle(one) && (!isAlone || one.elsewhere === true));
  return use && `${use.object}.${use.field}`;
}
