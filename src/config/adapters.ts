import { readFileSync } from 'node:fs';
import type { CrmAdapter } from '../crm/adapter.ts';
import { compileDescriptor } from '../crm/generic/compile.ts';
import { DESCRIPTOR_SCHEMA } from '../crm/generic/schema.ts';
import { ADAPTER_NAMES, adapterFor } from '../crm/registry.ts';
import { nearest } from '../document/nearest.ts';
import { type Problem, sortProblems } from '../document/problem.ts';
import { parseDocuments } from '../document/source.ts';
import { compileSchema, didYouMean, validateDocument } from '../document/validate.ts';
import type { UpstreamConfig } from '../proxy/config.ts';
import type { Config } from './config.ts';

/** Adapters by the name of the upstream they serve. */
export type Adapters = ReadonlyMap<string, CrmAdapter>;

export interface OpenedAdapters {
  readonly adapters: Adapters;
  readonly problems: readonly Problem[];
}

/** The adapter of every upstream; a declared CRM's is compiled from its descriptor file. */
export function openAdapters(config: Config): OpenedAdapters {
  const adapters = new Map<string, CrmAdapter>();
  const problems: Problem[] = [];
  for (const upstream of config.upstreams) {
    const opened = openAdapter(upstream, config);
    if ('adapter' in opened) adapters.set(upstream.name, opened.adapter);
    else problems.push(...opened.problems);
  }
  return { adapters, problems: sortProblems(problems) };
}

type Opened = { readonly adapter: CrmAdapter } | { readonly problems: readonly Problem[] };

function openAdapter({ name, crm, descriptor }: UpstreamConfig, { file, limits }: Config): Opened {
  if (descriptor !== undefined) return openDescriptor(descriptor);
  const adapter = adapterFor(crm, limits);
  if (adapter !== undefined) return { adapter };
  const near = didYouMean(nearest(crm, ADAPTER_NAMES));
  const known = [...ADAPTER_NAMES, 'generic'].join(', ');
  const message = `found crm ${JSON.stringify(crm)} for upstream ${name}, expected one of ${known}${near}`;
  return { problems: [{ file, line: 1, column: 1, message }] };
}

function openDescriptor(file: string): Opened {
  const { documents, problems } = parseDocuments(file, readText(file));
  const [document] = documents;
  if (problems.length > 0) return { problems };
  if (document === undefined || documents.length > 1) {
    const message = `found ${documents.length} documents, expected one descriptor`;
    return { problems: [{ file, line: 1, column: 1, message }] };
  }
  const wrong = validateDocument(compileSchema(DESCRIPTOR_SCHEMA), document);
  if (wrong.length > 0) return { problems: wrong };
  const compiled = compileDescriptor(document.value);
  if (compiled.errors === undefined) return { adapter: compiled.adapter };
  return {
    problems: compiled.errors.map(({ path, message }) => ({ file, ...document.positionOf(path), message })),
  };
}

/** A file that is not there is reported as an empty one: no descriptor where one was expected. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
