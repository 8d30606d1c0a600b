import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { consentContradictions } from '../consent/config.ts';
import { type Problem, sortProblems } from '../document/problem.ts';
import { type DocumentPath, parseDocuments, type SourceDocument } from '../document/source.ts';
import { endOf, NO_SUCH_DAY } from '../document/until.ts';
import { NOT_UTF8, utf8Text } from '../document/utf8-text.ts';
import { compileSchema, type DocumentSchema, validateDocument, validPart } from '../document/validate.ts';
import type { IdentityConfig } from '../identity/config.ts';
import { storeContradictions } from '../store/config.ts';
import type { Config } from './config.ts';
import { type SchemaNode, substituteEnvironment } from './environment.ts';
import { errorCode } from './error-code.ts';
import type { PositionOf } from './named-words.ts';
import { CONFIG_SCHEMA } from './schema.ts';

/** The configuration, or every mistake in it. */
export type LoadedConfig =
  | { readonly config: Config; readonly problems: readonly []; readonly positionOf: PositionOf }
  | {
      readonly config?: undefined;
      readonly problems: readonly Problem[];
      /** What is left without the mistakes, where policies and upstreams have none: enough to check what they name. */
      readonly remnant?: { readonly config: Config; readonly positionOf: PositionOf };
    };

/** A configuration holds secrets: no message repeats a value. */
const SILENT = { quoteValues: false } as const;
const CONFIG_BYTES_MAX = 1_048_576;

/**
 * Reads a configuration file: one YAML document, environment variables put in, checked against every room's section,
 * defaults filled in, paths made absolute from the file's own directory.
 */
export function loadConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const read = readText(file);
  if ('problem' in read) return { problems: [read.problem] };
  const { documents, problems } = parseDocuments(file, read.text, SILENT);
  const [document] = documents;
  if (problems.length > 0) return { problems };
  if (document === undefined || documents.length > 1) {
    return {
      problems: [
        {
          file,
          line: 1,
          column: 1,
          message: `found ${documents.length === 0 ? 'nothing in it' : `${documents.length} documents`}, expected one configuration`,
        },
      ],
    };
  }
  return check(document);

  function check(source: SourceDocument): LoadedConfig {
    const filled = substituteEnvironment(source.value, CONFIG_SCHEMA as SchemaNode, environment);
    const unset = filled.unset.map(({ path, name }) => ({
      file,
      ...source.positionOf(path),
      message: `found \${${name}}, but the environment variable is not set; expected it to be, or \${${name}:-default}`,
    }));
    const complete: SourceDocument = { ...source, value: filled.value };
    const schema = compileSchema(CONFIG_SCHEMA, { applyDefaults: true });
    const wrong = validateDocument(schema, complete, SILENT);
    // Where a variable is missing, its absence is the only problem reported.
    const elsewhere = wrong.filter((problem) => !unset.some((missing) => isSamePlace(missing, problem)));
    const found = [...unset, ...elsewhere];
    if (found.length === 0) found.push(...contradictions(complete));
    const { positionOf } = source;
    if (found.length > 0) {
      const config = remnantOf(file, schema, complete.value);
      const problems = sortProblems(found);
      return config === undefined ? { problems } : { problems, remnant: { config, positionOf } };
    }
    return { config: absolute(file, complete.value as Omit<Config, 'file'>), problems: [], positionOf };
  }
}

function remnantOf(file: string, schema: DocumentSchema, value: unknown): Config | undefined {
  const rest = validPart(schema, value) as Omit<Config, 'file'> | undefined;
  const whole = value as Partial<Config>;
  const isWhole = (section: 'policies' | 'upstreams'): boolean =>
    JSON.stringify(rest?.[section]) === JSON.stringify(whole[section]);
  return rest !== undefined && isWhole('policies') && isWhole('upstreams') ? absolute(file, rest) : undefined;
}

function isSamePlace(one: Problem, other: Problem): boolean {
  return one.line === other.line && one.column === other.column;
}

function readText(file: string): { readonly text: string } | { readonly problem: Problem } {
  const problem = (message: string) => ({ problem: { file, line: 1, column: 1, message } });
  try {
    const content = readFileSync(file);
    if (content.length > CONFIG_BYTES_MAX)
      return problem('found a file over 1 MiB, expected a configuration');
    const text = utf8Text(content);
    return text === undefined ? problem(NOT_UTF8) : { text };
  } catch (error) {
    return problem(`cannot be read (${errorCode(error)}), expected a configuration file`);
  }
}

/** What no schema can say. */
function contradictions(document: SourceDocument): Problem[] {
  const { listen, admin, upstreams, store, keys, consent, identity } = document.value as Config;
  const problems: Problem[] = [];
  const complain = (path: readonly (string | number)[], message: string): void => {
    problems.push({ file: document.file, ...document.positionOf(path), message });
  };
  for (const { path, message } of [...storeContradictions(store), ...consentContradictions(consent)])
    complain(path, message);
  if (store.redis !== undefined && keys === undefined) {
    // If each of several instances made a keyring of its own, none could open what the others stored.
    complain(['store', 'redis'], 'found a Redis store without a section "keys", expected both');
  }
  for (const path of impossibleEnds(identity)) complain(path, NO_SUCH_DAY);
  if (listen.port !== 0 && listen.port === admin.port && listen.host === admin.host)
    complain(['admin', 'port'], 'found the address of listen, expected another port');
  for (const path of repeatedHashes({ admin, identity }))
    complain(path, 'found the hash of another key, expected each once');
  const names = new Set<string>();
  const matches = new Set<string>();
  for (const [index, upstream] of upstreams.entries()) {
    if (names.has(upstream.name))
      complain(['upstreams', index, 'name'], 'found a name that another upstream has, expected each once');
    names.add(upstream.name);
    const match = JSON.stringify(upstream.match ?? {}).toLowerCase();
    if (matches.has(match)) {
      complain(
        ['upstreams', index],
        'found the same match as another upstream, expected a host or prefix of its own',
      );
    }
    matches.add(match);
  }
  return problems;
}

/** A key would be taken for one entry or the other, whichever comes first or last. */
function repeatedHashes({ admin, identity }: Pick<Config, 'admin' | 'identity'>): DocumentPath[] {
  const lists: [DocumentPath, readonly { readonly sha256: string }[]][] = [
    [['admin', 'keys'], admin.keys],
    ...identity.flatMap((provider, at): [DocumentPath, readonly { readonly sha256: string }[]][] =>
      'apiKey' in provider ? [[['identity', at, 'apiKey', 'keys'], provider.apiKey.keys]] : [],
    ),
  ];
  return lists.flatMap(([path, keys]) => {
    const hashes = keys.map(({ sha256 }) => sha256.toLowerCase());
    return hashes.flatMap((hash, index) =>
      hashes.indexOf(hash) < index ? [[...path, index, 'sha256']] : [],
    );
  });
}

/** The places of every `until` that is no real day or time. */
function impossibleEnds(identity: IdentityConfig): DocumentPath[] {
  return identity.flatMap((provider, at) => {
    const keys = 'apiKey' in provider ? provider.apiKey.keys : [];
    return keys.flatMap(({ until }, index) =>
      until === undefined || endOf(until) !== undefined
        ? []
        : [['identity', at, 'apiKey', 'keys', index, 'until']],
    );
  });
}

function absolute(file: string, value: Omit<Config, 'file'>): Config {
  const directory = dirname(resolve(file));
  const at = (path: string): string => resolve(directory, path);
  const optional = <Key extends string>(key: Key, path: string | undefined) =>
    (path === undefined ? {} : { [key]: at(path) }) as Partial<Record<Key, string>>;
  const { tls } = value.listen;
  return {
    ...value,
    file: resolve(file),
    listen: {
      ...value.listen,
      ...(tls === undefined
        ? {}
        : { tls: { cert: at(tls.cert), key: at(tls.key), ...optional('clientCa', tls.clientCa) } }),
    },
    upstreams: value.upstreams.map((upstream) => ({
      ...upstream,
      ...optional('descriptor', upstream.descriptor),
      ...(upstream.tls === undefined ? {} : { tls: { ca: at(upstream.tls.ca) } }),
    })),
    identity: value.identity.map((provider) =>
      'jwt' in provider && !/^https?:/.test(provider.jwt.jwks)
        ? { jwt: { ...provider.jwt, jwks: at(provider.jwt.jwks) } }
        : provider,
    ),
    policies: { ...value.policies, path: at(value.policies.path) },
    store: { ...value.store, embedded: at(value.store.embedded) },
    ...(value.keys === undefined
      ? {}
      : {
          keys: {
            ring: at(value.keys.ring),
            kek: 'file' in value.keys.kek ? { file: at(value.keys.kek.file) } : value.keys.kek,
          },
        }),
  };
}
