import { nearest } from '../document/nearest.ts';
import { didYouMean } from '../document/validate.ts';
import type { Principal } from '../model/principal.ts';

const EXAMPLE = '{"id":"ana","roles":["support"],"purposes":["support"]}';
const LISTS = ['roles', 'purposes', 'team', 'amr'] as const;
const TEXTS = ['id', 'purpose', 'region', 'appRegion', 'level', 'crmUserId', 'acr'] as const;
const ATTRIBUTES: readonly string[] = [...TEXTS, ...LISTS];

/** What is wrong with the JSON of a principal, in words for people. */
export class NoPrincipal extends Error {}

/**
 * A principal as its JSON says, with the purpose that a request without `x-privet-purpose` would have.
 * @throws NoPrincipal
 */
export function readPrincipal(text: string): Principal {
  const given = objectIn(text);
  for (const name of Object.keys(given)) {
    if (ATTRIBUTES.includes(name)) continue;
    const hint = didYouMean(nearest(name, ATTRIBUTES));
    throw new NoPrincipal(`found "${name}", expects one of ${ATTRIBUTES.join(', ')}${hint}`);
  }
  const { id } = given;
  if (typeof id !== 'string') throw new NoPrincipal(`expects an "id" that is a text: ${EXAMPLE}`);
  const [roles, purposes, team, amr] = LISTS.map((name) => wordsIn(given, name));
  const [only] = purposes ?? [];
  return {
    ...(purposes?.length === 1 && only !== undefined ? { purpose: only } : {}),
    ...textsIn(given),
    // A team that is not given is not known.
    ...(team === undefined ? {} : { team }),
    amr: amr ?? [],
    id,
    roles: roles ?? [],
    purposes: purposes ?? [],
    via: 'none',
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NoPrincipal(`expects JSON: ${EXAMPLE}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NoPrincipal(`expects a JSON object: ${EXAMPLE}`);
  return Object.fromEntries(Object.entries(value));
}

function wordsIn(given: Readonly<Record<string, unknown>>, name: string): readonly string[] | undefined {
  const list = given[name];
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || !list.every((word) => typeof word === 'string'))
    throw new NoPrincipal(`expects "${name}" to be a list of texts: ["…"]`);
  return list;
}

function textsIn(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const name of TEXTS) {
    const text = given[name];
    if (text === undefined) continue;
    if (typeof text !== 'string') throw new NoPrincipal(`expects "${name}" to be a text: "…"`);
    found.push([name, text]);
  }
  return Object.fromEntries(found);
}
