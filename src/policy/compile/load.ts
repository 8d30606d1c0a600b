import { hash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Problem, sortProblems } from '../../document/problem.ts';
import { NOT_UTF8, utf8Text } from '../../document/utf8-text.ts';
import type { Limits } from '../../limits.ts';

/** One file of policies or data maps. */
export interface PolicyFile {
  /** For messages: the directory as given, and the path below it. */
  readonly path: string;
  /** The name that goes into the hash: the same on every machine. */
  readonly name: string;
  /** 0 for the first included directory, rising; the company's own directory comes last. */
  readonly layer: number;
  readonly text: string;
}

/** Where policies are read from. */
export interface PolicySources {
  /** The company's own directory. */
  readonly directory: string;
  /** Directories of packs; the company's own files extend and override them. */
  readonly includes: readonly string[];
  readonly limits: Limits;
}

interface LoadedFiles {
  /** Included ones first, each directory in order of path. */
  readonly files: readonly PolicyFile[];
  /** SHA-256, hex, over names and contents. */
  readonly hash: string;
  readonly problems: readonly Problem[];
}

/**
 * Reads every `*.yaml` and `*.yml`, in any case, below the directories, but no policy tests (`*_test.yaml`) and nothing whose name
 * begins with a dot (Kubernetes keeps the real files of a mounted ConfigMap in `..data`). Symbolic links are followed,
 * each file is read once.
 */
export async function loadPolicyFiles({ directory, includes, limits }: PolicySources): Promise<LoadedFiles> {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const files: PolicyFile[] = [];
  let bytes = 0;
  for (const [layer, root] of [...includes, directory].entries()) {
    const paths: string[] = [];
    const complain = (path: string, message: string): unknown => problems.push(problem(path, message));
    for await (const place of directoriesBelow(root, limits, complain)) {
      paths.push(...(await yamlFilesIn(place, complain)));
    }
    for (const path of paths.sort()) {
      const real = await realpath(path);
      if (seen.has(real)) continue;
      seen.add(real);
      const content = await readFile(path);
      bytes += content.length;
      if (files.length >= limits.policyFilesMax || bytes > limits.policyBytesMax) {
        problems.push(
          problem(path, 'found more policies than limits.policyFilesMax or limits.policyBytesMax allow'),
        );
        return { files: [], hash: '', problems };
      }
      const text = utf8Text(content);
      if (text === undefined) {
        problems.push(problem(path, NOT_UTF8));
        continue;
      }
      const below = relative(root, path).split(sep).join('/');
      files.push({ path, name: layer < includes.length ? `include ${layer}/${below}` : below, layer, text });
    }
  }
  return { files, hash: hashOf(files), problems: sortProblems(problems) };
}

/** Lengths stand before contents, so that no two sets of files give the same text. */
function hashOf(files: readonly PolicyFile[]): string {
  const parts = files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => `${name.length}:${name}${text.length}:${text}`);
  return hash('sha256', parts.join(''));
}

function problem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, message };
}

const POLICY = /\.ya?ml$/i;
const TEST = /_test\.ya?ml(?:\.txt)?$/i;
const MISNAMED = /\.ya?ml\.txt$/i;

/**
 * What is listed but cannot be found, such as a link to nothing, is a problem: leaving a policy out would reveal what it
 * hides. So is one that an editor has saved as `*.yaml.txt`.
 */
async function yamlFilesIn(directory: string, complain: Complaint): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith('.') || TEST.test(name)) continue;
    const path = join(directory, name);
    const kind = await kindOf(path);
    if (MISNAMED.test(name))
      complain(path, 'found a name that ends in .txt, expected .yaml: the file is not read');
    else if (kind === undefined && (POLICY.test(name) || entry.isSymbolicLink()))
      complain(path, 'found nothing readable here, expected a file or directory of policies');
    else if (kind === 'file' && POLICY.test(name)) paths.push(path);
  }
  return paths;
}

type Complaint = (path: string, message: string) => unknown;

/**
 * A directory and all directories below it, links followed, loops not. Used for loading and for watching, so that what
 * is read is what is watched.
 */
export async function* directoriesBelow(
  root: string,
  limits: Limits,
  complain: Complaint,
): AsyncGenerator<string> {
  const seen = new Set<string>();
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if ((await kindOf(path)) !== 'directory') {
      complain(path, 'found no directory here, expected one with policies');
      continue;
    }
    const real = await realpath(path);
    if (seen.has(real)) continue;
    seen.add(real);
    if (seen.size > limits.policyDirectoriesMax) {
      complain(path, 'found more directories than limits.policyDirectoriesMax allows');
      return;
    }
    yield path;
    for (const name of await readdir(path)) {
      const below = join(path, name);
      if (!name.startsWith('.') && (await kindOf(below)) === 'directory') waiting.push(below);
    }
  }
}

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}
