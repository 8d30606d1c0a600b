import type { DocumentPath, SourceDocument } from '../../document/source.ts';
import type { StoredField, TokenForm } from '../../model/stored.ts';
import type { CompiledPolicy, StoreRule } from '../compiled-policy.ts';
import { covers } from '../covers.ts';
import { type CrmModel, FACTS, foldName, type MappedField, type MappedObject } from '../data-map.ts';
import type { Complain, StoreDocument } from '../language/documents.ts';
import { ANY_OBJECT, type StoredFields } from '../snapshot.ts';

/** The token form that an entry of `store` asks for. */
export function formOf(document: StoreDocument): TokenForm {
  return 'as' in document ? { kind: document.tokenize, format: document.as } : { kind: document.tokenize };
}

interface Storing {
  readonly policy: string;
  readonly rule: StoreRule;
}

/**
 * What a CRM keeps of each field, by all policies. Two forms for one field are a mistake: nothing says which tokens the
 * CRM then holds, and values kept under one form are lost under the other.
 */
export function storedFields(
  policies: readonly CompiledPolicy[],
  model: CrmModel,
  sources: ReadonlyMap<string, SourceDocument>,
  complain: Complain,
): StoredFields {
  const stored = new Map<string, ReadonlyMap<string, StoredField>>();
  for (const [objectKey, object] of model.objects) {
    const about = reaching(policies, model, objectKey);
    const fields = new Map<string, StoredField>();
    const keep = (name: string, field: MappedField, storing: readonly Storing[]): void => {
      const [first] = storing;
      if (first === undefined) return;
      check({ object, field, model, storing, sources, complain });
      fields.set(name, storedAs(storing, first, field.categories[0] ?? name));
    };
    for (const [name, field] of object.fields) keep(name, field, storingPolicies(about, model, name, field));
    for (const { name, field, storing } of namedFields(about, model))
      if (!object.fields.has(name)) keep(name, field, storing);
    if (fields.size > 0) stored.set(objectKey, fields);
  }
  const strange = namedFields(reaching(policies, model), model).flatMap(({ name, field, storing }) => {
    const [first] = storing;
    return first === undefined
      ? []
      : [[name, storedAs(storing, first, field.categories[0] ?? name)] as const];
  });
  if (strange.length > 0) stored.set(ANY_OBJECT, new Map(strange));
  return stored;
}

function storedAs(storing: readonly Storing[], { rule }: Storing, domain: string): StoredField {
  return { form: rule.form, domain, policies: [...new Set(storing.map(({ policy }) => policy))] };
}

/** The policies that are about an object, or about all. */
function reaching(
  policies: readonly CompiledPolicy[],
  { traits }: CrmModel,
  objectKey?: string,
): readonly CompiledPolicy[] {
  return policies.filter(({ objects }) => {
    const on = objects?.get(traits.name);
    return objects === undefined || (objectKey !== undefined && on?.has(objectKey) === true);
  });
}

interface NamedField {
  readonly name: string;
  /** As the first data map has it that gives a field of this name a category. */
  readonly field: MappedField;
  readonly storing: readonly Storing[];
}

/**
 * The fields that policies name. A policy that names a field means every field of that name, also in objects of which no
 * data map says that they have it.
 */
function namedFields(
  policies: readonly CompiledPolicy[],
  { traits, objects }: CrmModel,
): readonly NamedField[] {
  const rules = policies.flatMap(({ id, store }) =>
    store.filter(({ isField }) => isField).map((rule): Storing => ({ policy: id, rule })),
  );
  const byName = Map.groupBy(rules, ({ rule }) => foldName(traits, rule.key));
  return Array.from(byName).flatMap(([name, storing]) => {
    const field = [...objects.values()]
      .map(({ fields }) => fields.get(name))
      .find((one) => one?.isPersonal === true);
    return field === undefined ? [] : [{ name, field, storing }];
  });
}

function storingPolicies(
  policies: readonly CompiledPolicy[],
  model: CrmModel,
  name: string,
  field: MappedField,
): Storing[] {
  return policies.flatMap(({ id, store }) =>
    store.filter((rule) => covers(rule, model, name, field)).map((rule) => ({ policy: id, rule })),
  );
}

interface Check {
  readonly object: MappedObject;
  readonly field: MappedField;
  readonly model: CrmModel;
  readonly storing: readonly Storing[];
  readonly sources: ReadonlyMap<string, SourceDocument>;
  readonly complain: Complain;
}

function check({ object, field, model, storing, sources, complain }: Check): void {
  const at = ({ policy, rule }: Storing, message: string): void => {
    const source = sources.get(policy);
    if (source !== undefined) complain(source, ['store', rule.key], message, 'key');
  };
  const [first, ...others] = storing;
  if (first === undefined) return;
  const where = `${field.name} of ${object.name}`;
  const other = others.find(({ rule }) => describe(rule.form) !== describe(first.rule.form));
  if (other !== undefined) {
    at(
      other,
      `found ${describe(other.rule.form)} for ${where}, which policy "${first.policy}" keeps as ${describe(first.rule.form)}; expected one form`,
    );
  }
  const key = foldName(model.traits, field.name);
  const fact = FACTS.find((one) => {
    const known = object.facts.get(one);
    return known !== undefined && foldName(model.traits, known) === key;
  });
  if (fact !== undefined) {
    at(
      first,
      `found ${where}, by which the data map tells record.${fact}; expected a field that no condition reads`,
    );
  }
}

function describe(form: TokenForm): string {
  return form.kind === 'format-preserving' ? `${form.kind} (${form.format})` : form.kind;
}

/** Complains about `show: token` for fields that no policy stores as tokens. */
export function checkTokensAreKept(
  policies: readonly CompiledPolicy[],
  models: ReadonlyMap<string, CrmModel>,
  stored: ReadonlyMap<string, StoredFields>,
  complainOf: (policy: string, path: DocumentPath, key: string) => void,
): void {
  for (const { id, objects, show, stepUp, require } of policies) {
    const agreed = typeof require?.otherwise === 'object' ? require.otherwise : [];
    const rules = [...show, ...(stepUp?.otherwise.show ?? []), ...agreed];
    for (const rule of rules.filter(({ treatment }) => treatment.kind === 'token')) {
      const path = show.includes(rule) ? ['show'] : ['require', 'otherwise'];
      const isKept = [...models].some(([crm, model]) =>
        [...(stored.get(crm) ?? [])].some(
          ([objectKey, fields]) =>
            (objects === undefined || objects.get(crm)?.has(objectKey) === true) &&
            [...fields.keys()].some((name) => {
              const field = model.objects.get(objectKey)?.fields.get(name);
              return field !== undefined && covers(rule, model, name, field);
            }),
        ),
      );
      if (!isKept) complainOf(id, path, rule.key);
    }
  }
}
