import type { Problem } from '../document/problem.ts';
import { parseDocuments } from '../document/source.ts';
import { compileSchema, validateDocument } from '../document/validate.ts';
import type { DataMapDocument, Placed, PolicyDocument } from './documents.ts';
import type { PolicyFile } from './load.ts';
import { POLICY_SCHEMA } from './schema.ts';

const SCHEMA = compileSchema(POLICY_SCHEMA);

interface ParsedPolicies {
  readonly dataMaps: readonly Placed<DataMapDocument>[];
  readonly policies: readonly Placed<PolicyDocument>[];
  readonly problems: readonly Problem[];
  /** False when a data map could not be read: what policies name can then not be checked. */
  readonly mapsComplete: boolean;
}

/** Reads every document of every file and sorts it by its kind. Documents with problems are left out. */
export function parsePolicyFiles(files: readonly PolicyFile[]): ParsedPolicies {
  const dataMaps: Placed<DataMapDocument>[] = [];
  const policies: Placed<PolicyDocument>[] = [];
  const problems: Problem[] = [];
  let mapsComplete = true;
  for (const { path, layer, text } of files) {
    const parsed = parseDocuments(path, text);
    problems.push(...parsed.problems);
    mapsComplete &&= parsed.problems.length === 0;
    for (const source of parsed.documents) {
      const found = validateDocument(SCHEMA, source);
      problems.push(...found);
      if (found.length > 0) {
        mapsComplete &&= !isDataMap(source.value);
        continue;
      }
      const content = source.value as DataMapDocument | PolicyDocument; // As the schema has just found.
      if ('dataMap' in content) dataMaps.push({ content, source, layer });
      else policies.push({ content, source, layer });
    }
  }
  return { dataMaps, policies, problems, mapsComplete };
}

function isDataMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataMap' in value;
}
