import type { Operation } from '../model/operation.ts';
import type { ReplaceValue } from './adapter.ts';
import type { AdapterCode } from './adapter-code.ts';
import { createSubstitution } from './substitution.ts';

/** Replaces the values of an operation by its replacer; see `CrmAdapter.replaceValues`. */
export function replaceValues(
  operation: Operation,
  replace: ReplaceValue,
  replacers: AdapterCode['replacers'],
): Operation | undefined {
  const replacer = Object.hasOwn(replacers, operation.route) ? replacers[operation.route] : undefined;
  if (replacer === undefined) return needsReplacing(operation, replace) ? undefined : operation;
  const substitution = createSubstitution(replace);
  const replaced = replacer(operation, substitution);
  return substitution.failed() ? undefined : replaced;
}

function needsReplacing({ uses }: Operation, replace: ReplaceValue): boolean {
  return uses.some((use) => use.equals?.some((value) => replace(use, value) !== undefined));
}
