import type { ValueKind } from '../../media/record.ts';
import type { Transform } from '../../transform/transform.ts';
import type { FieldPlan } from './object-plan.ts';

export type Scalar = string | number | boolean | null;

/** A value on its way into a field. */
export interface Written {
  readonly kind: ValueKind;
  /** '' for null and for values that are no scalars. */
  readonly text: string;
}

/** What is known about the field that a value is written to. */
export interface WrittenTo {
  /** The plans of all that may have been shown in the value's place. */
  readonly plans: readonly FieldPlan[];
  /** The current value; undefined: not known. */
  readonly current: Scalar | undefined;
  /** The record does not exist yet, so nothing of it was shown. */
  readonly isNew: boolean;
}

/** `unchanged`: what was shown. `edited`: a mask that was touched. `untold`: could be what was shown, nobody knows. */
export type Verdict = 'new' | 'unchanged' | 'edited' | 'untold';

/** Tells a new value from what this principal was shown in place of the old one. */
export function judgeWrite(written: Written, { plans, current, isNew }: WrittenTo): Verdict {
  const { kind } = written;
  if (kind === 'container' || kind === 'records') return 'new';
  const transforms = plans.map(({ transform }) => transform).filter((one) => one !== undefined);
  if (current !== undefined && current !== null) {
    if (transforms.some((transform) => equalsShown(written, shownAs(transform, current), transform)))
      return 'unchanged';
  }
  if (kind === 'string' && transforms.some((transform) => transform.recognises(written.text)))
    return 'edited';
  const isUntold = current === undefined && !isNew;
  return isUntold && transforms.some((transform) => couldBeShown(written, transform)) ? 'untold' : 'new';
}

/** What was shown in place of a value: the text of a scalar, null, or undefined when the field was left out. */
function shownAs(transform: Transform, current: string | number | boolean): string | null | undefined {
  if (transform.structure === 'remove') return undefined;
  if (transform.structure === 'null' || typeof current === 'boolean') return null;
  return typeof current === 'number' ? transform.number(String(current)) : transform.string(current);
}

function equalsShown(
  { kind, text }: Written,
  shown: string | null | undefined,
  { treatment }: Transform,
): boolean {
  if (shown === undefined) return false;
  if (shown === null || kind === 'null') return shown === null && kind === 'null';
  if (text === shown || text.normalize() === shown.normalize()) return true;
  // Clients have their own spelling of numbers and moments: 5.0E4 for 50000, Z for +0000.
  if (kind === 'number') return Number(text) === Number(shown);
  if (treatment.kind !== 'generalize' || (treatment.to !== 'month' && treatment.to !== 'year')) return false;
  return momentOf(text) === momentOf(shown);
}

/** Milliseconds since the epoch; NaN, which equals nothing, for other texts. */
function momentOf(text: string): number {
  return /^-?\d{9,15}$/.test(text) ? Number(text) : Date.parse(text);
}

/** True when a value may be the product of a transform: a product does not change when it is transformed again. */
function couldBeShown({ kind, text }: Written, transform: Transform): boolean {
  if (transform.structure === 'remove') return false;
  // A hidden number or boolean is shown as null, and the value may be one.
  if (kind === 'null') return true;
  if (transform.structure === 'null' || kind === 'boolean') return false;
  // A text without a finding is shown as it is, and written back as it is.
  if (transform.treatment.kind === 'scan') return false;
  if (kind === 'number') return equalsShown({ kind, text }, transform.number(text), transform);
  return text !== '' && equalsShown({ kind, text }, transform.string(text), transform);
}
