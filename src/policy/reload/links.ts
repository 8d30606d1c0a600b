import { readlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

/** A name in a directory. */
export interface Entry {
  readonly directory: string;
  readonly name: string;
}

/** As many as Linux follows (path_resolution(7)). */
const LINKS_MAX = 40;

/**
 * The entries that decide what a path leads to: every symbolic link on the way, and the last entry itself. When one of
 * them is replaced, the path leads elsewhere. Parts that do not exist count as no links.
 */
export async function entriesBehind(path: string): Promise<readonly Entry[]> {
  const links: Entry[] = [];
  let at: string = sep;
  let rest = resolve(path).split(sep);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const here = join(at, name);
    const target = links.length < LINKS_MAX ? await readlink(here).catch(() => undefined) : undefined;
    if (target === undefined) {
      at = here;
      continue;
    }
    links.push({ directory: at, name });
    rest = [...target.split(sep), ...rest];
    if (isAbsolute(target)) at = sep;
  }
  return [...links, { directory: dirname(at), name: basename(at) }];
}
