import type { Guard, View } from '../../model/decision.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { Refusal } from '../refusal.ts';

/** The conditions that hide something of an object's records in any view in which their writer may see them. */
export type GuardsOf = (object: string) => readonly Guard[];

export function guardsIn(views: readonly View[]): GuardsOf {
  const known = new Map<string, readonly Guard[]>();
  return (object) => {
    const guards = known.get(object) ?? [
      ...new Set(views.flatMap((view): readonly Guard[] => view.of(object).guards ?? [])),
    ];
    known.set(object, guards);
    return guards;
  };
}

/** What fields become by a write: folded name → text. Null and the empty text leave nothing there. */
export type WrittenTexts = ReadonlyMap<string, string | null>;

/**
 * A CRM may take the first of two spellings of a name for it, or the last.
 * @param texts by folded name, in their order
 */
export function eitherOf(texts: readonly (readonly [string, string | null])[]): readonly WrittenTexts[] {
  const last = new Map(texts);
  return last.size === texts.length ? [last] : [last, new Map(texts.toReversed())];
}

/** How names of fields compare, and which two of them the CRM keeps in step. */
export interface FieldNames {
  readonly fold: (name: string) => string;
  readonly twinOf: (field: string) => string | undefined;
}

/** Fields that must be known of a record to tell whether a write would lift one of its guards. */
export function fieldsGuarding(
  guards: readonly Guard[],
  written: WrittenTexts,
  { fold, twinOf }: FieldNames,
): readonly string[] {
  const fields = guards.flatMap(({ needs }) => {
    const twins = needs.flatMap((field) => twinOf(field) ?? []).filter((twin) => written.has(fold(twin)));
    return twins.length > 0 || needs.some((field) => written.has(fold(field))) ? [...needs, ...twins] : [];
  });
  return [...new Set(fields)];
}

/**
 * Whoever may not see something of a record does not get it by changing the fields that this depends on: what hides
 * something before a write must hide it after.
 * @throws Refusal naming the field
 */
export function requireHiding(
  guards: readonly Guard[],
  written: WrittenTexts,
  current: RecordFacts,
  names: FieldNames,
): void {
  const { fold, twinOf } = names;
  const isChanged = (field: string): boolean => {
    const text = written.get(fold(field));
    return text !== undefined && text !== current(field);
  };
  /** What a field becomes that follows its twin is not known. */
  const follows = (field: string): boolean => {
    const twin = twinOf(field);
    return twin !== undefined && !written.has(fold(field)) && isChanged(twin);
  };
  const after: RecordFacts = (field) => (isChanged(field) ? written.get(fold(field)) : current(field));
  for (const { policy, needs, hides } of guards) {
    const changed = needs.find((field) => isChanged(field) || follows(field));
    if (changed === undefined || !hides(current)) continue;
    if (needs.some(follows) || !hides(after)) throw lifting(policy, changed);
  }
}

function lifting(policy: string, field: string): Refusal {
  const message = `What you see of this record depends on ${field}, so you may not change it to see more.`;
  return new Refusal({ policy, message });
}
