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
    const fields = namedFields(reaching(policies, model, objectKey), model);
    for (const [name, field] of object.fields) {
      fields.delete(name);
      const storing = storingPolicies(policies, model, objectKey, name, field);
      const [first] = storing;
      if (first === undefined) continue;
      check({ object, field, model, storing, sources, complain });
      fields.set(name, storedAs(storing, first, field.categories[0] ?? name));
    }
    if (fields.size > 0) stored.set(objectKey, fields);
  }
  const strange = namedFields(reaching(policies, model), model);
  if (strange.size > 0) stored.set(ANY_OBJECT, strange);
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

/**
 * The fields that policies name, in objects of which no data map says that they have them: a policy that names a field
 * means every field of that name. What it stands for is known from the objects that are said to have it.
 */
function namedFields(policies: readonly CompiledPolicy[], model: CrmModel): Map<string, StoredField> {
  const rules = policies.flatMap(({ id, store }) =>
    store.filter(({ isField }) => isField).map((rule): Storing => ({ policy: id, rule })),
  );
  const byName = Map.groupBy(rules, ({ rule }) => foldName(model.traits, rule.key));
  const fields = new Map<string, StoredField>();
  for (const [name, storing] of byName) {
    const [first] = storing;
    const domain = domainOf(name, model);
    if (first !== undefined && domain !== undefined) fields.set(name, storedAs(storing, first, domain));
  }
  return fields;
}

/** The first category that a data map gives a field of this name; undefined: it has none in this CRM. */
function domainOf(name: string, { objects }: CrmModel): string | undefined {
  const mapped = [...objects.values()].map(({ fields }) => fields.get(name));
  return mapped.find((field) => field?.isPersonal === true)?.categories[0];
}

function storingPolicies(
  policies: readonly CompiledPolicy[],
  model: CrmModel,
  objectKey: string,
  name: string,
  field: MappedField,
): Storing[] {
  return reaching(policies, model, objectKey).flatMap(({ id, store }) =>
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
