import type { DocumentPath } from '../../document/source.ts';
import type { Condition, ConditionCompiler } from '../condition.ts';
import { type CrmModel, foldName, type MappedObject } from '../data-map.ts';
import type { Declared } from '../declared.ts';
import type { Complain, Placed, PolicyDocument } from '../language/documents.ts';

/** What policies are checked against. */
export interface PolicyContext {
  readonly models: ReadonlyMap<string, CrmModel>;
  /**
   * False when a data map has mistakes of its own: then objects and fields are not checked, so that policies are not
   * blamed for them.
   */
  readonly mapsComplete: boolean;
  /** The policy's own mistakes have been taken out of it: then it is not asked what it lacks. */
  readonly isRemnant?: true;
  readonly declared: Declared;
  readonly conditions: ConditionCompiler;
}

/** An object that a policy is on. */
export interface Target {
  readonly model: CrmModel;
  readonly object: MappedObject;
}

/** One policy that is being checked. */
export interface Check {
  readonly document: PolicyDocument;
  readonly context: PolicyContext;
  readonly targets: readonly Target[];
  readonly complain: (path: DocumentPath, message: string, part?: 'key' | 'value') => void;
  /** About the character at `offset` in the text at `path`. */
  readonly complainIn: (path: DocumentPath, offset: number, message: string) => void;
  /** The condition in `on.when` or `rows`; undefined when there is none, or CEL refuses it. */
  readonly compileCondition: (key: 'when' | 'rows') => Condition | undefined;
}

export const WHEN: DocumentPath = ['on', 'when'];

export function beginCheck(
  { content, source }: Placed<PolicyDocument>,
  context: PolicyContext,
  complain: Complain,
): Check {
  const complainIn: Check['complainIn'] = (path, offset, message) => {
    const place = source.positionIn(path, offset);
    complain({ ...source, positionOf: () => place }, path, message);
  };
  return {
    document: content,
    context,
    targets: targetsOf(content, context),
    complain: (path, message, part) => complain(source, path, message, part),
    complainIn,
    compileCondition: (key) => {
      const [path, text]: [DocumentPath, string | undefined] =
        key === 'when' ? [WHEN, content.on?.when] : [['rows'], content.rows];
      if (text === undefined) return undefined;
      const compiled = context.conditions.compile(text);
      if ('source' in compiled) return compiled;
      complainIn(path, compiled.offset, compiled.message);
      return undefined;
    },
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
