import { nearest } from '../document/nearest.ts';
import type { DocumentPath } from '../document/source.ts';
import { didYouMean } from '../document/validate.ts';
import type { Condition, ConditionCompiler } from './condition.ts';
import { covers } from './covers.ts';
import { type CrmModel, FACTS, type Fact, foldName, type MappedObject } from './data-map.ts';
import type { Complain, Placed, PolicyDocument, PrincipalMatch } from './documents.ts';
import { limitRule } from './limit.ts';
import type { CompiledPolicy, FieldRule, ShowRule, StoreRule } from './snapshot.ts';
import { formOf } from './stored.ts';
import { treatmentOf } from './treatment.ts';
import { coversCategory, NOT_PERSONAL, VOCABULARY } from './vocabulary.ts';
import { isFor, isForNobody } from './who.ts';

/** What policies are checked against. */
export interface PolicyContext {
  readonly models: ReadonlyMap<string, CrmModel>;
  /** False when a data map has mistakes of its own: then objects and fields are not checked, to not blame the policies. */
  readonly mapsComplete: boolean;
  /** Roles that exist; undefined: not declared, so any role will do. */
  readonly roles: readonly string[] | undefined;
  readonly conditions: ConditionCompiler;
}

interface Target {
  readonly model: CrmModel;
  readonly object: MappedObject;
}

interface Check {
  readonly document: PolicyDocument;
  readonly context: PolicyContext;
  readonly targets: readonly Target[];
  readonly complain: (path: DocumentPath, message: string, part?: 'key' | 'value') => void;
  readonly compileCondition: (path: DocumentPath) => Condition | undefined;
}

/** Checks one policy against the data maps and turns it into the form `decide` reads. Mistakes go to `complain`. */
export function compilePolicy(
  placed: Placed<PolicyDocument>,
  context: PolicyContext,
  complain: Complain,
): CompiledPolicy {
  const { content, source } = placed;
  const check: Check = {
    document: content,
    context,
    targets: targetsOf(content, context),
    complain: (path, message, part) => complain(source, path, message, part),
    compileCondition: (path) => {
      const text = path.length > 1 ? content.on?.when : content.rows;
      if (text === undefined) return undefined;
      const compiled = context.conditions.compile(text);
      if ('source' in compiled) return compiled;
      const place = source.positionIn(path, compiled.offset);
      complain({ ...source, positionOf: () => place }, path, compiled.message);
      return undefined;
    },
  };
  checkEffects(check);
  checkWho(check);
  if (context.mapsComplete) checkObjects(check);
  const when = check.compileCondition(['on', 'when']);
  if (when?.constant === false) {
    check.complain(['on', 'when'], 'found a condition that is always false: the policy can never apply');
  }
  const rows = check.compileCondition(['rows']);
  if (rows !== undefined && context.mapsComplete) checkRecordNames(check, rows, ['rows']);
  if (when !== undefined && when.recordNames.length > 0) {
    if (content.deny !== undefined) check.complain(['on', 'when'], RECORD_BEFORE_DENY);
    if (content.limit !== undefined) check.complain(['on', 'when'], RECORD_IN_LIMIT);
    if (context.mapsComplete) checkRecordNames(check, when, ['on', 'when']);
  }
  const operations = content.on?.operations;
  return {
    id: content.policy,
    isFor: (principal) => isFor(content.for, principal),
    operations: operations === undefined ? undefined : new Set(operations),
    objects: objectKeys(content, context),
    when,
    show: showRules(check),
    store: storeRules(check),
    rows,
    deny: content.deny,
    limit: limitRule(placed, complain),
  };
}

function targetsOf(document: PolicyDocument, context: PolicyContext): Target[] {
  const named = document.on?.objects;
  return [...context.models.values()].flatMap((model) =>
    [...model.objects]
      .filter(([key]) => named === undefined || named.some((name) => foldName(model.traits, name) === key))
      .map(([, object]) => ({ model, object })),
  );
}

function objectKeys(document: PolicyDocument, context: PolicyContext): CompiledPolicy['objects'] {
  const named = document.on?.objects;
  if (named === undefined) return undefined;
  return new Map(
    [...context.models.values()].map(({ traits, objects }) => [
      traits.name,
      new Set(named.map((name) => foldName(traits, name)).filter((key) => objects.has(key))),
    ]),
  );
}

function checkEffects({ document, complain }: Check): void {
  const { show, deny, rows, store, limit } = document;
  if ([show, deny, rows, store, limit].every((effect) => effect === undefined)) {
    complain(
      ['policy'],
      'found a policy without an effect, expected at least one of show, deny, rows, store, limit',
      'key',
    );
  }
  if (store !== undefined) checkStoresForAll({ document, complain });
  const operations = document.on?.operations;
  if (document.deny === undefined && operations?.every((kind) => kind === 'auth')) {
    complain(
      ['on', 'operations'],
      'found only auth, which carries no records: show, rows and limit can never apply; expected other operations, or deny',
    );
  }
}

/** The CRM has one copy for everybody. */
function checkStoresForAll({ document, complain }: Pick<Check, 'document' | 'complain'>): void {
  const found = [
    ...(document.for === undefined ? [] : [['for']]),
    ...(['operations', 'when'] as const)
      .filter((key) => document.on?.[key] !== undefined)
      .map((key) => ['on', key]),
  ];
  for (const path of found) {
    complain(
      path,
      `found ${path.join('.')} in a policy with store, expected on.objects alone: what the CRM keeps does not depend on who asks, or how`,
      'key',
    );
  }
}

function checkWho({ document, context, complain }: Check): void {
  const checkRoles = (match: PrincipalMatch | undefined, path: DocumentPath): void => {
    for (const [index, role] of (match?.roles ?? []).entries()) {
      if (context.roles === undefined || context.roles.includes(role)) continue;
      const message = `found unknown role "${role}", expected one of ${context.roles.join(', ')}${didYouMean(nearest(role, context.roles))}`;
      complain([...path, 'roles', index], message);
    }
  };
  checkRoles(document.for, ['for']);
  checkRoles(document.for?.except, ['for', 'except']);
  if (isForNobody(document.for)) {
    complain(
      ['for', 'except'],
      'found an exception for everyone the policy is for: it can never apply',
      'key',
    );
  }
}

function checkObjects({ document, context, complain }: Check): void {
  const models = [...context.models.values()];
  for (const [index, name] of (document.on?.objects ?? []).entries()) {
    if (models.some(({ traits, objects }) => objects.has(foldName(traits, name)))) continue;
    const known = models.flatMap(({ objects }) => [...objects.values()].map((object) => object.name));
    complain(
      ['on', 'objects', index],
      `found unknown object "${name}", expected an object of a data map${didYouMean(nearest(name, known))}`,
    );
  }
}

const RECORD_BEFORE_DENY =
  'found record in on.when of a policy with deny, expected principal and operation alone: a request is denied before its records are known; use rows to leave records out';

const RECORD_IN_LIMIT =
  'found record in on.when of a policy with limit, expected principal and operation alone: records are counted by what they are; use on.objects';

function checkRecordNames(
  { document, targets, complain }: Check,
  condition: Condition,
  path: DocumentPath,
): void {
  const isNamed = document.on?.objects !== undefined;
  for (const name of condition.recordNames) {
    const lacking = targets.filter(({ model, object }) => fieldOfFact(model, object, name) === undefined);
    const [first] = lacking;
    if (first === undefined || (!isNamed && lacking.length < targets.length)) continue;
    const known = [...first.object.fields.values()].map((field) => field.name);
    complain(
      path,
      isFact(name)
        ? `found record.${name}, but the data map of ${first.object.name} does not say which field that is`
        : `found record.${name}, expected a field of ${first.object.name} in its data map or one of ${FACTS.join(', ')}${didYouMean(nearest(name, [...FACTS, ...known]))}`,
    );
  }
}

function isFact(name: string): name is Fact {
  return FACTS.some((fact) => fact === name);
}

/** The field that `record.<name>` reads on an object: through the data map, or as the CRM spells it. */
export function fieldOfFact(model: CrmModel, object: MappedObject, name: string): string | undefined {
  if (isFact(name)) return object.facts.get(name);
  return object.fields.get(foldName(model.traits, name))?.name;
}

function showRules(check: Check): ShowRule[] {
  const entries = Object.entries(check.document.show ?? {});
  const rules = entries.map(([key, value]) => ({ ...fieldRule(check, key), treatment: treatmentOf(value) }));
  checkKeys(check, 'show', rules);
  return rules;
}

function storeRules(check: Check): StoreRule[] {
  const entries = Object.entries(check.document.store ?? {});
  const rules = entries.map(([key, value]) => ({ ...fieldRule(check, key), form: formOf(value) }));
  checkKeys(check, 'store', rules);
  return rules;
}

function fieldRule({ targets }: Check, key: string): FieldRule {
  const isField = targets.some(({ model, object }) => object.fields.has(foldName(model.traits, key)));
  return { key, isField };
}

type Section = 'show' | 'store';

function checkKeys(check: Check, section: Section, rules: readonly FieldRule[]): void {
  const { document, targets, complain } = check;
  if (!check.context.mapsComplete) return;
  const known = rules.filter((rule) => checkKey(check, section, rule));
  const matchesSomething = targets.some(({ model, object }) =>
    rules.some((rule) => [...object.fields].some(([name, field]) => covers(rule, model, name, field))),
  );
  if (document.on?.objects !== undefined && targets.length > 0 && known.length > 0 && !matchesSomething) {
    const names = [...new Set(targets.map(({ object }) => object.name))].join(', ');
    complain([section], `found nothing of ${names} among these keys: the policy can never apply`, 'key');
  }
}

function checkKey(
  { document, context, targets, complain }: Check,
  section: Section,
  { key, isField }: FieldRule,
): boolean {
  if (key === NOT_PERSONAL) {
    complain([section, key], `found ${NOT_PERSONAL}, expected a category that is personal`, 'key');
    return false;
  }
  const used = [...context.models.values()].flatMap(({ objects }) =>
    [...objects.values()].flatMap(({ fields }) =>
      [...fields.values()].flatMap(({ categories }) => categories),
    ),
  );
  const categories = [...new Set([...Object.keys(VOCABULARY), ...used])];
  if (categories.some((category) => coversCategory(key, category))) return true;
  const fields = targets.flatMap(({ object }) => [...object.fields.values()].map(({ name }) => name));
  if (!isField) {
    const branches = categories
      .filter((category) => category.includes('.'))
      .map((category) => `${category.split('.')[0]}.*`);
    const near = nearest(key, [...categories, ...branches, ...fields]);
    const where = document.on?.objects === undefined ? 'any data map' : document.on.objects.join(', ');
    complain(
      [section, key],
      `found "${key}", expected a category or a field of ${where}${didYouMean(near)}`,
      'key',
    );
    return false;
  }
  return checkNotClear({ document, targets, complain }, section, key);
}

function checkNotClear(
  { document, targets, complain }: Pick<Check, 'document' | 'targets' | 'complain'>,
  section: Section,
  key: string,
): boolean {
  const found = targets.flatMap(({ model, object }) => {
    const field = object.fields.get(foldName(model.traits, key));
    return field === undefined ? [] : [{ object, field }];
  });
  const clear = found.find(({ field }) => !field.isPersonal);
  const isMistake = document.on?.objects !== undefined || found.every(({ field }) => !field.isPersonal);
  if (clear === undefined || !isMistake) return true;
  complain(
    [section, key],
    `found ${clear.field.name} of ${clear.object.name}, which the data map classifies ${NOT_PERSONAL}: give it a category to treat it`,
    'key',
  );
  return false;
}
