import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { errorCode } from '../config/error-code.ts';
import type { CrmAdapter } from '../crm/adapter.ts';
import { compileDescriptor } from '../crm/generic/compile.ts';
import { DESCRIPTOR_SCHEMA } from '../crm/generic/schema.ts';
import { adapterFor } from '../crm/registry.ts';
import { type Problem, sortProblems } from '../document/problem.ts';
import { parseDocuments } from '../document/source.ts';
import { NOT_UTF8, utf8Text } from '../document/utf8-text.ts';
import { compileSchema, validateDocument } from '../document/validate.ts';
import { PrivetError } from '../errors.ts';
import type { UpstreamConfig } from '../proxy/config.ts';

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

function openAdapter({ name, crm, descriptor }: UpstreamConfig, { limits }: Config): Opened {
  if (descriptor !== undefined) return openDescriptor(descriptor);
  const adapter = adapterFor(crm, limits);
  // The loader lets no other name pass.
  if (adapter === undefined) throw new PrivetError('INTERNAL', `Upstream ${name} has no adapter.`);
  return { adapter };
}

function openDescriptor(file: string): Opened {
  const refused = (message: string): Opened => ({ problems: [{ file, line: 1, column: 1, message }] });
  let text: string | undefined;
  try {
    text = utf8Text(readFileSync(file));
  } catch (error) {
    return refused(`cannot be read (${errorCode(error)}), expected a descriptor`);
  }
  if (text === undefined) return refused(NOT_UTF8);
  const { documents, problems } = parseDocuments(file, text);
  const [document] = documents;
  if (problems.length > 0) return { problems };
  if (document === undefined || documents.length > 1)
    return refused(`found ${documents.length} documents, expected one descriptor`);
  const wrong = validateDocument(compileSchema(DESCRIPTOR_SCHEMA), document);
  if (wrong.length > 0) return { problems: wrong };
  const compiled = compileDescriptor(document.value);
  if (compiled.errors === undefined) return { adapter: compiled.adapter };
  return {
    problems: compiled.errors.map(({ path, message }) => ({ file, ...document.positionOf(path), message })),
  };
}
