import type { Standing } from '../../model/consent.ts';
import type { FieldView, ObjectView } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import type { StoredField } from '../../model/stored.ts';
import type { Transform } from '../../transform/transform.ts';
import { reportedName } from './field-name.ts';
import type { TallyKey } from './tally.ts';

/** What to do with one field of one object, compiled. */
export interface FieldPlan {
  readonly field: string;
  /** Undefined: shown clear. Where it differs from record to record, that of the least revealing record. */
  readonly transform: Transform | undefined;
  readonly key: TallyKey;
  readonly classified: boolean;
  /** Where the CRM keeps tokens of the field. */
  readonly stored?: StoredPlan;
  /** Where it differs from record to record. */
  readonly perRecord?: PerRecordPlan;
}

export interface StoredPlan {
  readonly as: StoredField;
  /** Key that counts values taken from the vault. */
  readonly detokenized: TallyKey;
  /** Key that counts values that stand in the CRM themselves, written before there was a policy or past Privet. */
  readonly unstored: TallyKey;
}

export interface PerRecordPlan {
  readonly needs: readonly string[];
  readonly asksStanding: boolean;
  readonly of: (facts: RecordFacts, standing?: Standing) => FieldPlan;
  /** What some record may get; see `PerRecordView`. */
  readonly possible: readonly FieldPlan[];
}

/** An ObjectView made ready for records: one look-up by the rewriter's name number per field. */
export interface ObjectPlan {
  readonly view: ObjectView;
  /** @param nameId the rewriter's number for the name, or -1 */
  readonly field: (nameId: number, name: string) => FieldPlan;
}

type KeyOf = (treatment: string, policies?: readonly string[]) => TallyKey;

export type CompileField = (view: FieldView) => Transform;

/** Name in reports for fields whose names are too many or too long to be remembered. */
const UNREMEMBERED = '*';

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
  const transforms = new Map<FieldView, Transform>();
  const unremembered = new Map<string, TallyKey>();

  function transformOf(seen: FieldView): Transform {
    let transform = transforms.get(seen);
    if (transform === undefined) {
      transform = compile(seen);
      transforms.set(seen, transform);
    }
    return transform;
  }

  function storedPlan(name: string, keyOf: KeyOf): StoredPlan | undefined {
    const as = view.stored?.(name);
    return (
      as && {
        as,
        detokenized: keyOf('detokenized', as.policies),
        unstored: keyOf('unstored', as.policies),
      }
    );
  }

  function planOf(
    name: string,
    seen: FieldView | undefined,
    key: TallyKey,
    stored: StoredPlan | undefined,
  ): FieldPlan {
    return {
      field: name,
      transform: seen === undefined ? undefined : transformOf(seen),
      key,
      classified: view.classifies(name),
      ...(stored === undefined ? {} : { stored }),
    };
  }

  function planField(name: string, keyOf: KeyOf): FieldPlan {
    const seen = view.field(name);
    const stored = storedPlan(name, keyOf);
    const settled = (one: FieldView | undefined): FieldPlan =>
      planOf(name, one, keyOf(one?.treatment.kind ?? 'unclassified', one?.policies), stored);
    const perRecord = seen?.perRecord;
    if (perRecord === undefined) return settled(seen);
    const byView = new Map<FieldView | undefined, FieldPlan>();
    const of = (one: FieldView | undefined): FieldPlan => {
      const plan = byView.get(one) ?? settled(one);
      byView.set(one, plan);
      return plan;
    };
    return {
      ...settled(seen),
      perRecord: {
        needs: perRecord.needs,
        asksStanding: perRecord.asksStanding === true,
        of: (facts, standing) => of(perRecord.of(facts, standing)),
        possible: perRecord.possible.map(of),
      },
    };
  }

  /** Fields that are not remembered share one key per treatment, so that reports stay short. */
  function sharedKey(treatment: string): TallyKey {
    const key = unremembered.get(treatment) ?? { object: view.object, field: UNREMEMBERED, treatment };
    unremembered.set(treatment, key);
    return key;
  }

  return {
    view,
    field: (nameId, name) => {
      // -1: the name table is full; such names are planned each time rather than remembered without bound.
      if (nameId < 0) return planField(name, sharedKey);
      const known = byId[nameId];
      if (known !== undefined) return known;
      const planned = planField(name, (treatment, policies) => ({
        object: view.object,
        field: reportedName(name, UNREMEMBERED),
        treatment,
        ...(policies === undefined ? {} : { policies }),
      }));
      byId[nameId] = planned;
      return planned;
    },
  };
}
