import type { Problem } from '../../document/problem.ts';
import { parseDocuments, type SourceDocument } from '../../document/source.ts';
import { compileSchema, validateDocument, validPart } from '../../document/validate.ts';
import type {
  DataMapDocument,
  LevelsDocument,
  Placed,
  PolicyDocument,
  PurposeDocument,
  RegionDocument,
  RolesDocument,
} from '../language/documents.ts';
import { POLICY_SCHEMA } from '../language/schema.ts';
import type { Declarations } from './declarations.ts';
import type { PolicyFile } from './load.ts';

const SCHEMA = compileSchema(POLICY_SCHEMA);

type Content =
  | DataMapDocument
  | RolesDocument
  | LevelsDocument
  | PurposeDocument
  | RegionDocument
  | PolicyDocument;

/** Every document of the files, by kind. */
export interface ParsedPolicies extends Declarations {
  readonly dataMaps: readonly Placed<DataMapDocument>[];
  readonly policies: readonly Placed<PolicyDocument>[];
  /** What is left of policies with problems when those are taken out. */
  readonly remnants: readonly Placed<PolicyDocument>[];
  readonly problems: readonly Problem[];
  /** False when a data map could not be read: then the names in policies cannot be checked. */
  readonly mapsComplete: boolean;
  /** False when a document that declares roles, levels, purposes or regions could not be read: the same. */
  readonly declarationsComplete: boolean;
}

/**
 * Reads every document of every file and sorts it by its kind. Documents with problems are left out; what is valid in
 * policies among them becomes remnants.
 */
export function parsePolicyFiles(files: readonly PolicyFile[]): ParsedPolicies {
  const sorted = {
    dataMaps: [] as Placed<DataMapDocument>[],
    roles: [] as Placed<RolesDocument>[],
    levels: [] as Placed<LevelsDocument>[],
    purposes: [] as Placed<PurposeDocument>[],
    regions: [] as Placed<RegionDocument>[],
    policies: [] as Placed<PolicyDocument>[],
    remnants: [] as Placed<PolicyDocument>[],
  };
  const problems: Problem[] = [];
  let mapsComplete = true;
  let declarationsComplete = true;
  for (const { path, layer, text } of files) {
    const parsed = parseDocuments(path, text);
    problems.push(...parsed.problems);
    // What could not be read may be anything that the text speaks of.
    mapsComplete &&= parsed.problems.length === 0 || !MAPPING.test(text);
    declarationsComplete &&= parsed.problems.length === 0 || !DECLARATION.test(text);
    for (const source of parsed.documents) {
      const found = validateDocument(SCHEMA, source);
      problems.push(...found);
      if (found.length === 0) sort(source, layer);
      else if (hasKey(source.value, 'policy')) sortRemnant(source, layer);
      mapsComplete &&= found.length === 0 || !hasKey(source.value, 'dataMap');
      declarationsComplete &&= found.length === 0 || !DECLARING.some((key) => hasKey(source.value, key));
    }
  }
  return { ...sorted, problems, mapsComplete, declarationsComplete };

  function sortRemnant(source: SourceDocument, layer: number): void {
    const content = validPart(SCHEMA, source.value);
    if (content !== undefined) sorted.remnants.push({ content: content as PolicyDocument, source, layer });
  }

  function sort(source: SourceDocument, layer: number): void {
    const content = source.value as Content; // As the schema has just found.
    if ('policy' in content) sorted.policies.push({ content, source, layer });
    else if ('dataMap' in content) sorted.dataMaps.push({ content, source, layer });
    else if ('roles' in content) sorted.roles.push({ content, source, layer });
    else if ('levels' in content) sorted.levels.push({ content, source, layer });
    else if ('purpose' in content) sorted.purposes.push({ content, source, layer });
    else sorted.regions.push({ content, source, layer });
  }
}

const DECLARING = ['roles', 'levels', 'purpose', 'region'] as const;
const DECLARATION = new RegExp(`^[{"']*(?:${DECLARING.join('|')})\\b`, 'm');
const MAPPING = /\bdataMap\b/;

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}
