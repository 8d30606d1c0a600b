import { nearest } from '../../document/nearest.ts';
import type { DocumentPath, SourceDocument } from '../../document/source.ts';
import { didYouMean } from '../../document/validate.ts';
import type { Declared } from '../declared.ts';
import { foldedText } from '../folded-text.ts';
import type {
  Complain,
  LevelsDocument,
  Placed,
  PurposeDocument,
  RegionDocument,
  RolesDocument,
} from '../language/documents.ts';
import { withIncluded } from './included-roles.ts';

/** The documents that declare something. */
export interface Declarations {
  readonly roles: readonly Placed<RolesDocument>[];
  readonly levels: readonly Placed<LevelsDocument>[];
  readonly purposes: readonly Placed<PurposeDocument>[];
  readonly regions: readonly Placed<RegionDocument>[];
}

type Once = (word: string, source: SourceDocument, path: DocumentPath, part?: 'key' | 'value') => boolean;

/** Makes a check that complains about a repeated word and says where it stood first. */
function createOnce(what: string, complain: Complain): Once {
  const first = new Map<string, string>();
  return (word, source, path, part = 'value') => {
    const { line, column } = source.positionOf(path, part);
    const before = first.get(word);
    if (before === undefined) {
      first.set(word, `${source.file}:${line}:${column}`);
      return true;
    }
    complain(source, path, `found ${what} again, expected it once: it already stands at ${before}`, part);
    return false;
  };
}

/**
 * Puts together what the documents declare. Mistakes go to `complain`.
 * @param listed `policies.roles` of the configuration, which must agree with the documents
 */
export function declaredIn(
  { roles, levels, purposes, regions }: Declarations,
  listed: readonly string[] | undefined,
  complain: Complain,
): Declared {
  const [level] = levels;
  const onceLevels = createOnce('levels', complain);
  for (const { content, source } of levels) {
    onceLevels('levels', source, ['levels'], 'key');
    const onceLevel = createOnce('this level', complain);
    for (const [index, name] of content.levels.entries())
      onceLevel(foldedText(name), source, ['levels', index]);
  }
  return {
    ...(roles.length > 0 ? { roles: declaredRoles(roles, listed, complain) } : {}),
    ...(roles.length === 0 && listed !== undefined
      ? { roles: new Map(listed.map((role) => [role, [role]])) }
      : {}),
    ...(level === undefined ? {} : { levels: level.content.levels }),
    ...(purposes.length === 0 ? {} : { purposes: declaredPurposes(purposes, complain) }),
    ...(regions.length === 0 ? {} : { regions: declaredRegions(regions, complain) }),
  };
}

function declaredRoles(
  documents: readonly Placed<RolesDocument>[],
  listed: readonly string[] | undefined,
  complain: Complain,
): ReadonlyMap<string, readonly string[]> {
  const once = createOnce('this role', complain);
  const includes = new Map<string, readonly string[]>();
  for (const { content, source } of documents) {
    for (const [role, { includes: included = [] }] of Object.entries(content.roles)) {
      if (once(role, source, ['roles', role], 'key')) includes.set(role, included);
      if (listed === undefined || listed.includes(role)) continue;
      complain(
        source,
        ['roles', role],
        `found role "${role}", which policies.roles of the configuration does not list: expected both to agree, or one of them alone${didYouMean(nearest(role, listed))}`,
        'key',
      );
    }
  }
  const [first] = documents;
  for (const role of listed ?? []) {
    if (first === undefined || includes.has(role)) continue;
    complain(
      first.source,
      ['roles'],
      `found no role "${role}", which policies.roles of the configuration lists: expected both to agree, or one of them alone`,
      'key',
    );
  }
  return withIncluded(includes, documents, complain);
}

function declaredPurposes(
  documents: readonly Placed<PurposeDocument>[],
  complain: Complain,
): ReadonlyMap<string, PurposeDocument> {
  const once = createOnce('this purpose', complain);
  for (const { content, source } of documents) once(content.purpose, source, ['purpose']);
  return new Map(documents.map(({ content }) => [content.purpose, content]));
}

/** A record is in one region, so a country is. */
function declaredRegions(
  documents: readonly Placed<RegionDocument>[],
  complain: Complain,
): ReadonlyMap<string, readonly string[]> {
  const onceRegion = createOnce('this region', complain);
  const onceCountry = createOnce('this country', complain);
  for (const { content, source } of documents) {
    onceRegion(content.region, source, ['region']);
    for (const [index, country] of content.countries.entries()) {
      onceCountry(foldedText(country), source, ['countries', index]);
    }
  }
  return new Map(documents.map(({ content }) => [content.region, content.countries]));
}
