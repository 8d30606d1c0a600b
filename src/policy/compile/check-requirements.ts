import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/validate.ts';
import { type CrmModel, canBeAsked, foldName, type MappedObject } from '../data-map.ts';
import type { Declared } from '../declared.ts';
import type { Complain, Placed, PolicyDocument } from '../language/documents.ts';
import { undeclared } from './undeclared.ts';

interface Reports {
  readonly complain: Complain;
  readonly warn: Complain;
}

/** Complains about policies with `require` that can only be mistakes, and warns of objects that they cannot reach. */
export function checkRequirements(
  policies: readonly Placed<PolicyDocument>[],
  models: Iterable<CrmModel>,
  declared: Declared,
  { complain, warn }: Reports,
): void {
  const all = [...models];
  const purposes = purposesOf(all);
  for (const { content, source } of policies) {
    const { require, on } = content;
    if (require === undefined || !('consent' in require)) continue;
    const purpose = require.consent;
    const unknown = undeclared('purpose', purpose, declared) ?? misspelt(purpose, purposes, declared);
    if (unknown !== undefined) {
      complain(source, ['require', 'consent'], unknown);
      continue;
    }
    const targets = targetsOf(all, on?.objects);
    if (targets.length === 0) continue;
    if (!targets.some((object) => canBeAsked(object, purpose))) {
      const names = on?.objects === undefined ? 'objects' : on.objects.join(', ');
      const message = `found a requirement on ${names} that are about nobody, and have no field for ${purpose}: the policy can never apply; expected dataSubject or consent in their data map`;
      complain(source, ['require'], message, 'key');
      continue;
    }
    for (const [index, name] of (on?.objects ?? []).entries()) {
      const lacking = targetsOf(all, [name]).find((object) => !canBeAsked(object, purpose));
      if (lacking === undefined) continue;
      const message = `found ${lacking.name}, which has neither dataSubject nor a field for ${purpose} in its data map: the requirement does not reach it`;
      warn(source, ['on', 'objects', index], message);
    }
  }
}

/** Where no purposes are declared, a purpose that resembles one of a data map is taken for a slip of the pen. */
function misspelt(purpose: string, known: readonly string[], declared: Declared): string | undefined {
  if (declared.purposes !== undefined || known.includes(purpose)) return undefined;
  const near = nearest(purpose, known);
  return near && `found unknown purpose "${purpose}", expected one of ${known.join(', ')}${didYouMean(near)}`;
}

/** Every purpose for which a data map names a field. */
function purposesOf(models: readonly CrmModel[]): readonly string[] {
  const objects = models.flatMap((model) => [...model.objects.values()]);
  return [...new Set(objects.flatMap(({ consent }) => [...consent.keys()]))].sort();
}

function targetsOf(models: readonly CrmModel[], named: readonly string[] | undefined): MappedObject[] {
  return models.flatMap(({ traits, objects }) =>
    named === undefined
      ? [...objects.values()]
      : named.flatMap((name) => objects.get(foldName(traits, name)) ?? []),
  );
}
