import type { RecordShape, Shape } from '../../model/shape.ts';
import type { NameTable } from '../name-table.ts';
import type { SpecialKind } from '../record.ts';

export const PLAIN = 0;
export const FIELD = 1;
export const RECORD = 2;
export const FIELDS = 3;
export const OBJECT = 4;
export const ARRAY = 5;
export const TYPE = 6;
export const ID = 7;
export const SPECIAL = 8;

/** Up to this many names are searched one by one. */
const FEW = 8;

/** A shape prepared for the hot loop. Shapes may refer to themselves, so plans do too. */
export class Plan {
  op: number;
  special: SpecialKind | undefined = undefined;
  /** RECORD: name of the object where the shape says it. */
  object: string | undefined = undefined;
  /** RECORD under a field: a record only if it says its type. */
  isMaybe = false;
  /** RECORD, OBJECT: ids of the names with a plan of their own. */
  private readonly ids: number[] = [];
  private readonly plans: Plan[] = [];
  /** The plans by id, used when there are many: a search through a few ids is faster. */
  private readonly byId = new Map<number, Plan>();
  private readonly byName = new Map<string, Plan>();
  /** RECORD, OBJECT: what stands under other names. SPECIAL: itself. */
  others: Plan = this;
  /** ARRAY: the plan of its items. Else this plan itself: an unexpected array is read as several of this. */
  items: Plan = this;
  /** RECORD: what stands under a field of it. */
  field: Plan = this;
  /** FIELD: the plan of an object or array in it. */
  nested: Plan | undefined = undefined;
  /** RECORD, FIELDS: id of the name that last stood first, or -1. */
  first = -1;

  constructor(op: number) {
    this.op = op;
  }

  /** Some names did not fit the table, and must be compared as text. */
  get comparesText(): boolean {
    return this.byName.size > 0;
  }

  /** True when values under names without a plan of their own are fields or of no interest. */
  get takesRuns(): boolean {
    return this.op === PLAIN || this.op === FIELDS || this.others.op <= FIELD;
  }

  set(id: number, name: string, plan: Plan): void {
    if (id < 0) {
      this.byName.set(name, plan);
      return;
    }
    this.byId.set(id, plan);
    this.ids.push(id);
    this.plans.push(plan);
  }

  under(id: number): Plan {
    const { ids } = this;
    if (ids.length > FEW) return this.byId.get(id) ?? this.others;
    for (let index = 0; index < ids.length; index++) if (ids[index] === id) return this.plans[index] as Plan;
    return this.others;
  }

  underText(name: string): Plan {
    return this.byName.get(name) ?? this.others;
  }
}

export const PLAIN_PLAN = new Plan(PLAIN);
export const TEXT_PLAN = new Plan(SPECIAL);
TEXT_PLAN.special = 'text';

/** True when items of an array may be records, which can be left out. */
export function mayDropItems(items: Plan): boolean {
  let plan = items;
  for (let hops = 0; plan.op === ARRAY && hops < 8; hops++) plan = plan.items;
  return plan.op === RECORD || plan.op === ARRAY;
}

const OPS: Readonly<Record<Shape['is'], number>> = {
  plain: PLAIN,
  record: RECORD,
  fields: FIELDS,
  object: OBJECT,
  array: ARRAY,
  type: TYPE,
  id: ID,
  locator: SPECIAL,
  url: SPECIAL,
  count: SPECIAL,
  text: SPECIAL,
};

/** Plans by name table and shape. Adapters reuse their shapes, so each is planned once. */
const known = new WeakMap<NameTable, WeakMap<Shape, Plan>>();

/** The plan of a shape; ids are those of `names`. */
export function planOf(shape: Shape, names: NameTable): Plan {
  let plans = known.get(names);
  if (plans === undefined) {
    plans = new WeakMap();
    known.set(names, plans);
  }
  return new Planner(names, plans).plan(shape);
}

class Planner {
  private readonly names: NameTable;
  private readonly plans: WeakMap<Shape, Plan>;
  /** Plans of shapes that stand as a field's value. */
  private readonly maybe = new Map<Shape, Plan>();

  constructor(names: NameTable, plans: WeakMap<Shape, Plan>) {
    this.names = names;
    this.plans = plans;
  }

  plan(shape: Shape): Plan {
    const found = this.plans.get(shape);
    if (found !== undefined) return found;
    const plan = this.begin(shape);
    this.plans.set(shape, plan);
    this.fill(plan, shape, false);
    return plan;
  }

  /** As `plan`, but a record without a type counts as part of the field's value. */
  private planUnderField(shape: Shape): Plan {
    if (shape.is !== 'record' && shape.is !== 'array') return this.plan(shape);
    const found = this.maybe.get(shape);
    if (found !== undefined) return found;
    const plan = this.begin(shape);
    this.maybe.set(shape, plan);
    plan.isMaybe = shape.is === 'array' || shape.object === undefined;
    this.fill(plan, shape, true);
    return plan;
  }

  private begin(shape: Shape): Plan {
    if (shape.is === 'plain') return PLAIN_PLAN;
    const plan = new Plan(OPS[shape.is]);
    if (shape.is === 'locator' || shape.is === 'url' || shape.is === 'count' || shape.is === 'text')
      plan.special = shape.is;
    return plan;
  }

  private fill(plan: Plan, shape: Shape, underField: boolean): void {
    if (shape.is === 'array')
      plan.items = underField ? this.planUnderField(shape.items) : this.plan(shape.items);
    if (shape.is !== 'record' && shape.is !== 'object') return;
    for (const [name, member] of Object.entries(shape.members)) {
      const id = this.names.internText(name);
      if (id >= 0) this.names.cards.setApart(id);
      plan.set(id, name, this.plan(member));
    }
    if (shape.is === 'record') this.fillRecord(plan, shape);
    else plan.others = this.plan(shape.others);
  }

  private fillRecord(plan: Plan, shape: RecordShape): void {
    plan.object = shape.object;
    const field = new Plan(FIELD);
    if (shape.nested !== undefined) field.nested = this.planUnderField(shape.nested);
    plan.field = field;
    plan.others = shape.others === 'field' ? field : this.plan(shape.others);
  }
}
