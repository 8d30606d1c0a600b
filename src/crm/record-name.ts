import { recordName } from '../model/data-subject.ts';
import type { CrmAdapter } from './adapter.ts';

type Naming = Pick<CrmAdapter, 'globalId' | 'object'>;

/** The name of a record about a person, whichever way its id is spelled. @param object canonical */
export function nameRecord(adapter: Naming, upstream: string, object: string, id: string): string {
  const { globalId } = adapter;
  return globalId === undefined
    ? recordName(upstream, object, id)
    : recordName(upstream, undefined, globalId(id));
}

/** An upstream whose record ids people write. */
export interface NamedUpstream {
  readonly name: string;
  readonly adapter: Naming;
  /** Objects about people, by the names that the data maps give them. */
  readonly people: readonly string[];
}

/** The name of a record, or what is wrong with the way its id was written: words that do not repeat it. */
export type ResolvedRecord = { readonly record: string } | { readonly problem: string };

/**
 * Reads `[upstream:][object:]id` as people write it. What is left out is filled in where there is only one possibility:
 * one upstream, ids that are unique over all objects, or one object about people.
 */
export function createRecordResolver(
  upstreams: readonly NamedUpstream[],
): (written: string) => ResolvedRecord {
  const names = upstreams.map(({ name }) => name);
  return (written) => {
    const text = written.trim();
    const [first = '', ...rest] = text.split(':');
    const named = rest.length === 0 ? undefined : upstreams.find(({ name }) => name === first);
    const upstream = named ?? (upstreams.length === 1 ? upstreams[0] : undefined);
    if (upstream === undefined)
      return {
        problem: `found an id without an upstream, expected upstream:id with one of ${names.join(', ')}`,
      };
    return resolveIn(upstream, named === undefined ? text : rest.join(':'));
  };
}

function resolveIn({ name, adapter, people }: NamedUpstream, text: string): ResolvedRecord {
  const [first = '', ...rest] = text.split(':');
  const objects = [...new Set(people.flatMap((object) => adapter.object(object) ?? []))];
  const isNamed = rest.length > 0;
  const object = isNamed ? adapter.object(first) : objects.length === 1 ? objects[0] : undefined;
  const id = (isNamed ? rest.join(':') : text).trim();
  if (id === '') return { problem: 'found no id, expected [upstream:][object:]id' };
  if (isNamed && (object === undefined || !objects.includes(object)))
    return {
      problem: `found an object that is none of people in ${name}, expected one of ${objects.join(', ')}`,
    };
  if (adapter.globalId !== undefined) return { record: nameRecord(adapter, name, '', id) };
  return object === undefined
    ? { problem: `found an id without an object, expected object:id with one of ${objects.join(', ')}` }
    : { record: nameRecord(adapter, name, object, id) };
}
