import { nearest } from '../document/nearest.ts';
import { didYouMean } from '../document/validate.ts';
import { type CrmModel, foldName, type MappedObject } from './data-map.ts';
import type { Complain, Placed, PolicyDocument } from './documents.ts';
import { canBeAsked } from './requirement.ts';

interface Reports {
  readonly complain: Complain;
  readonly warn: Complain;
}

/** Refuses policies with `require` that could only be mistakes, and warns of objects that they cannot reach. */
export function checkRequirements(
  policies: readonly Placed<PolicyDocument>[],
  models: Iterable<CrmModel>,
  { complain, warn }: Reports,
): void {
  const all = [...models];
  const purposes = purposesOf(all);
  for (const { content, source } of policies) {
    const { require, on } = content;
    if (require === undefined) continue;
    const purpose = require.consent;
    const near = purposes.includes(purpose) ? undefined : nearest(purpose, purposes);
    if (near !== undefined) {
      const message = `found unknown purpose "${purpose}", expected one of ${purposes.join(', ')}${didYouMean(near)}`;
      complain(source, ['require', 'consent'], message);
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

/** Every purpose that a data map knows a field for. */
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
