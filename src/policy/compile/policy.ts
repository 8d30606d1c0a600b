import type { DocumentPath } from '../../document/source.ts';
import type {
  CompiledPolicy,
  FieldRule,
  RequireRule,
  ShowRule,
  StepUp,
  StoreRule,
} from '../compiled-policy.ts';
import type { Condition } from '../condition.ts';
import { foldName } from '../data-map.ts';
import type { Complain, Placed, PolicyDocument } from '../language/documents.ts';
import { limitRule } from '../limit.ts';
import { isAuthenticated, lackingLogin, stepUpMessage } from '../step-up.ts';
import { treatmentOf } from '../treatment.ts';
import { whoOf } from '../who.ts';
import { beginCheck, type Check, type PolicyContext, WHEN } from './check.ts';
import { checkKeys } from './check-keys.ts';
import { checkRecordNames } from './check-record-names.ts';
import { checkWho } from './check-who.ts';
import { checkWords, objectNames, unknownObject } from './check-words.ts';
import { formOf } from './stored.ts';

/** Checks one policy against the data maps and turns it into the form `decide` reads. Mistakes go to `complain`. */
export function compilePolicy(
  placed: Placed<PolicyDocument>,
  context: PolicyContext,
  complain: Complain,
): CompiledPolicy {
  const { content } = placed;
  const check = beginCheck(placed, context, complain);
  if (context.isRemnant !== true) checkEffects(check);
  checkWho(check);
  if (context.mapsComplete) checkObjects(check);
  const when = checkedWhen(check);
  const rows = check.compileCondition('rows');
  if (rows !== undefined) checkWords(check, rows, ['rows']);
  if (rows !== undefined && context.mapsComplete) checkRecordNames(check, rows, ['rows']);
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

/** The CRM keeps one copy for everybody, so `store` cannot depend on who asks. */
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

function checkObjects({ document, context, complain }: Check): void {
  const models = [...context.models.values()];
  for (const [index, name] of (document.on?.objects ?? []).entries()) {
    if (models.some(({ traits, objects }) => objects.has(foldName(traits, name)))) continue;
    complain(['on', 'objects', index], unknownObject(name, objectNames(models)));
  }
}

const RECORD_BEFORE_DENY =
  'found record in on.when of a policy that denies, expected principal and operation alone: a request is denied before its records are known; use rows to leave records out';

const RECORD_IN_LIMIT =
  'found record in on.when of a policy with limit, expected principal and operation alone: records are counted by what they are; use on.objects';

function checkedWhen(check: Check): Condition | undefined {
  const { document, context, complain } = check;
  const when = check.compileCondition('when');
  if (when === undefined) return undefined;
  checkWords(check, when, WHEN);
  if (when.constant === false)
    complain(WHEN, 'found a condition that is always false: the policy can never apply');
  if (when.recordNames.length === 0) return when;
  const { deny, require, limit } = document;
  const asksLogin = require !== undefined && 'authentication' in require;
  const denies = deny !== undefined || (asksLogin && (require.otherwise ?? 'deny') === 'deny');
  if (denies) complain(WHEN, RECORD_BEFORE_DENY);
  if (limit !== undefined) complain(WHEN, RECORD_IN_LIMIT);
  if (context.mapsComplete) checkRecordNames(check, when, WHEN);
  return when;
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
