import type { FieldView, ObjectView } from '../model/decision.ts';
import type { Transform } from '../transform/transform.ts';
import type { TallyKey } from './tally.ts';

/** What to do with one field of one object, ready to be done. */
export interface FieldPlan {
  readonly field: string;
  /** Undefined: shown clear. */
  readonly transform: Transform | undefined;
  readonly key: TallyKey;
  readonly classified: boolean;
}

/** An ObjectView made ready for records: one look-up by the rewriter's name number per field. */
export interface ObjectPlan {
  readonly view: ObjectView;
  readonly field: (nameId: number, name: string) => FieldPlan;
}

export type CompileField = (view: FieldView) => Transform;

/**
 * Plans are kept as long as the views they belong to: views are cached per class of principal and operation, so the
 * work is done once per policy snapshot, not once per request.
 */
export function createObjectPlans(compile: CompileField): (view: ObjectView) => ObjectPlan {
  const plans = new WeakMap<ObjectView, ObjectPlan>();
  return (view) => {
    let plan = plans.get(view);
    if (plan === undefined) {
      plan = createObjectPlan(view, compile);
      plans.set(view, plan);
    }
    return plan;
  };
}

function createObjectPlan(view: ObjectView, compile: CompileField): ObjectPlan {
  const byId: (FieldPlan | undefined)[] = [];
  const byView = new Map<FieldView, Transform>();

  function planField(name: string): FieldPlan {
    const seen = view.field(name);
    let transform = seen === undefined ? undefined : byView.get(seen);
    if (seen !== undefined && transform === undefined) {
      transform = compile(seen);
      byView.set(seen, transform);
    }
    const treatment = seen?.treatment.kind ?? 'unclassified';
    return {
      field: name,
      transform,
      key: { object: view.object, field: name, treatment },
      classified: view.classifies(name),
    };
  }

  return {
    view,
    field: (nameId, name) => {
      // -1: the name table is full; such names are planned each time rather than remembered without bound.
      if (nameId < 0) return planField(name);
      const known = byId[nameId];
      if (known !== undefined) return known;
      const planned = planField(name);
      byId[nameId] = planned;
      return planned;
    },
  };
}
