import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rooms by floor. Imports point down; rooms on one floor do not import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['errors.ts', 'limits.ts', 'clock.ts'],
  ['model', 'cache'],
  ['store', 'media', 'document'],
  ['vault', 'consent', 'budget', 'audit'],
  ['crm', 'transform', 'identity'],
  ['policy'],
  ['enforce'],
  ['proxy', 'admin', 'verify', 'sandbox'],
  ['config'],
  ['app'],
  ['cli'],
  ['main.ts'],
];
const FLOOR_OF = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

function roomOf(path: string): string {
  return path.split(sep)[1] ?? '';
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) =>
    normalize(join(dirname(file), target ?? '')),
  );
}

const files = globSync('src/**/*.ts');
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** Whether imports lead from a file back to it. */
function leadsBack(file: string): boolean {
  const seen = new Set<string>();
  const next = [...(imports.get(file) ?? [])];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (at === file) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    next.push(...(imports.get(at) ?? []));
  }
  return false;
}

describe('the house', () => {
  it('has a floor for every room', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !FLOOR_OF.has(roomOf(file)))).toEqual([]);
  });

  it('lets imports point down only', () => {
    // config.ts of a room is how the room declares its own section; config/ on the top floor collects them.
    const upward = files.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((target) => {
          const [from, to] = [FLOOR_OF.get(roomOf(file)) ?? 0, FLOOR_OF.get(roomOf(target)) ?? FLOORS.length];
          return roomOf(file) !== roomOf(target) && to >= from;
        })
        .map((target) => `${file} → ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('has no circles of imports, not even of types', () => {
    expect(files.filter(leadsBack)).toEqual([]);
  });

  it('keeps files short', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 400);
    expect(long).toEqual([]);
  });

  it('has no drawer for leftovers', () => {
    expect(files.filter((file) => /(^|[/\\])(utils?|helpers?|common|misc)([./\\]|$)/.test(file))).toEqual([]);
  });
});
