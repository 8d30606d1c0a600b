import { nearest } from '../document/nearest.ts';
import type { DocumentPath } from '../document/source.ts';
import { endOf, NO_SUCH_DAY } from '../document/until.ts';
import { didYouMean } from '../document/validate.ts';
import type {
  CompiledPolicy,
  FieldRule,
  RequireRule,
  ShowRule,
  StepUp,
  StoreRule,
} from './compiled-policy.ts';
import type { Condition, ConditionCompiler } from './condition.ts';
import { covers } from './covers.ts';
import { type CrmModel, FACTS, type Fact, foldName, type MappedObject } from './data-map.ts';
import type { Declared } from './declarations.ts';
import type { Complain, Placed, PolicyDocument } from './documents.ts';
import { limitRule } from './limit.ts';
import { isAuthenticated, lackingLogin, stepUpMessage } from './step-up.ts';
import { formOf } from './stored.ts';
import { treatmentOf } from './treatment.ts';
import { undeclared, wordsOf } from './undeclared.ts';
import { coversCategory, NOT_PERSONAL, VOCABULARY } from './vocabulary.ts';
import { exceptionsOf, isForNobody, whoOf } from './who.ts';

/** What policies are checked against. */
export interface PolicyContext {
  readonly models: ReadonlyMap<string, CrmModel>;
  /** False when a data map has mistakes of its own: then objects and fields are not checked, to not blame the policies. */
  readonly mapsComplete: boolean;
  readonly declared: Declared;
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
    const { deny, require } = content;
    const asksLogin = require !== undefined && 'authentication' in require;
    const denies = deny !== undefined || (asksLogin && (require.otherwise ?? 'deny') === 'deny');
    if (denies) check.complain(['on', 'when'], RECORD_BEFORE_DENY);
    if (content.limit !== undefined) check.complain(['on', 'when'], RECORD_IN_LIMIT);
    if (context.mapsComplete) checkRecordNames(check, when, ['on', 'when']);
  }
  const operations = content.on?.operations;
  return {
    id: content.policy,
    who: whoOf(content.for),
    operations: operations === undefined ? undefined : new Set(operations),
    objects: objectKeys(content, context),
    when,
    show: showRules(check, content.show, ['show']),
    store: storeRules(check),
    rows,
    require: requireRule(check),
    deny: content.deny,
    stepUp: stepUpOf(check),
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

const EFFECTS = ['show', 'deny', 'rows', 'require', 'store', 'limit'] as const;

function checkEffects({ document, complain }: Check): void {
  if (EFFECTS.every((effect) => document[effect] === undefined)) {
    complain(
      ['policy'],
      `found a policy without an effect, expected at least one of ${EFFECTS.join(', ')}`,
      'key',
    );
  }
  if (document.store !== undefined) checkStoresForAll({ document, complain });
  const operations = document.on?.operations;
  if (
    document.deny === undefined &&
    (document.require === undefined || 'consent' in document.require) &&
    operations?.every((kind) => kind === 'auth')
  ) {
    complain(
      ['on', 'operations'],
      'found only auth, which carries no records: show, rows, require and limit can never apply; expected other operations, or deny',
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
  const exceptions = exceptionsOf(document.for);
  const pathOf = (index: number): DocumentPath =>
    Array.isArray(document.for?.except) ? ['for', 'except', index] : ['for', 'except'];
  const matches = [
    [document.for ?? {}, ['for']] as const,
    ...exceptions.map((match, index) => [match, pathOf(index)] as const),
  ];
  for (const [match, place] of matches) {
    for (const [kind, word, path] of wordsOf(match)) {
      const message = undeclared(kind, word, context.declared);
      if (message !== undefined) complain([...place, ...path], message);
    }
  }
  for (const [index, { until, ...match }] of exceptions.entries()) {
    if (until === undefined) continue;
    if (endOf(until) === undefined) complain([...pathOf(index), 'until'], NO_SUCH_DAY);
    if (Object.keys(match).length === 0) complain(pathOf(index), UNTIL_FOR_NOBODY, 'key');
  }
  if (isForNobody(document.for, context.declared)) {
    complain(
      ['for', 'except'],
      'found an exception for everyone the policy is for: it can never apply',
      'key',
    );
  }
}

const UNTIL_FOR_NOBODY =
  'found an exception that names nobody, expected roles, purposes, ids, regions or levels beside until';

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
  'found record in on.when of a policy that denies, expected principal and operation alone: a request is denied before its records are known; use rows to leave records out';

const RECORD_IN_LIMIT =
  'found record in on.when of a policy with limit, expected principal and operation alone: records are counted by what they are; use on.objects';

function checkRecordNames(check: Check, condition: Condition, path: DocumentPath): void {
  const { document, targets, complain } = check;
  checkWords(check, condition, path);
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

/** Levels and regions are words of the declarations, not texts of the CRM. */
function checkWords(
  { context: { declared }, complain }: Check,
  { recordNames, memberships }: Condition,
  path: DocumentPath,
): void {
  if (recordNames.includes('region') && declared.regions === undefined) {
    complain(path, 'found record.region, but no document declares a region');
  }
  for (const { name, among } of memberships ?? []) {
    if (name !== 'level' && name !== 'region') continue;
    for (const comparand of among) {
      const message = 'word' in comparand ? undeclared(name, comparand.word, declared) : undefined;
      if (message !== undefined) complain(path, message);
    }
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

/** @param path of `treatments` in the document */
function showRules(check: Check, treatments: PolicyDocument['show'], path: DocumentPath): ShowRule[] {
  const entries = Object.entries(treatments ?? {});
  const rules = entries.map(([key, value]) => ({ ...fieldRule(check, key), treatment: treatmentOf(value) }));
  checkKeys(check, path, rules);
  return rules;
}

function requireRule(check: Check): RequireRule | undefined {
  const { require } = check.document;
  if (require === undefined || !('consent' in require)) return undefined;
  const { consent: purpose, otherwise, unknown } = require;
  const allowsUnknown = unknown === 'allow';
  if (typeof otherwise === 'string') return { purpose, allowsUnknown, otherwise };
  const rules = showRules(check, otherwise, ['require', 'otherwise']);
  return { purpose, allowsUnknown, otherwise: rules };
}

function stepUpOf(check: Check): StepUp | undefined {
  const { require } = check.document;
  if (require === undefined || !('authentication' in require)) return undefined;
  const { authentication, otherwise = 'deny' } = require;
  const treatments = typeof otherwise === 'string' ? {} : otherwise;
  return {
    isMet: (principal) => isAuthenticated(authentication, principal),
    lacking: lackingLogin(authentication),
    remedy: stepUpMessage(authentication),
    otherwise: {
      deny: otherwise === 'deny' ? stepUpMessage(authentication) : undefined,
      show: showRules(check, treatments, ['require', 'otherwise']),
      omits: otherwise === 'omit-record',
    },
  };
}

function storeRules(check: Check): StoreRule[] {
  const entries = Object.entries(check.document.store ?? {});
  const rules = entries.map(([key, value]) => ({ ...fieldRule(check, key), form: formOf(value) }));
  checkKeys(check, ['store'], rules);
  return rules;
}

function fieldRule({ targets }: Check, key: string): FieldRule {
  const isField = targets.some(({ model, object }) => object.fields.has(foldName(model.traits, key)));
  return { key, isField };
}

function checkKeys(check: Check, path: DocumentPath, rules: readonly FieldRule[]): void {
  const { document, targets, complain } = check;
  if (!check.context.mapsComplete) return;
  const known = rules.filter((rule) => checkKey(check, path, rule));
  const matchesSomething = targets.some(({ model, object }) =>
    rules.some((rule) => [...object.fields].some(([name, field]) => covers(rule, model, name, field))),
  );
  if (document.on?.objects !== undefined && targets.length > 0 && known.length > 0 && !matchesSomething) {
    const names = [...new Set(targets.map(({ object }) => object.name))].join(', ');
    complain(path, `found nothing of ${names} among these keys: the policy can never apply`, 'key');
  }
}

function checkKey(
  { document, context, targets, complain }: Check,
  path: DocumentPath,
  { key, isField }: FieldRule,
): boolean {
  if (key === NOT_PERSONAL) {
    complain([...path, key], `found ${NOT_PERSONAL}, expected a category that is personal`, 'key');
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
      [...path, key],
      `found "${key}", expected a category or a field of ${where}${didYouMean(near)}`,
      'key',
    );
    return false;
  }
  return checkNotClear({ document, targets, complain }, path, key);
}

function checkNotClear(
  { document, targets, complain }: Pick<Check, 'document' | 'targets' | 'complain'>,
  path: DocumentPath,
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
    [...path, key],
    `found ${clear.field.name} of ${clear.object.name}, which the data map classifies ${NOT_PERSONAL}: give it a category to treat it`,
    'key',
  );
  return false;
}
