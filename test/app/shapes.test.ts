import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Plans the house, then makes objects with first members that V8 has not seen; two that are made alike share a shape. */
const PROBE = `
import { planHouse } from './src/app/plan.ts';
const { problems } = await planHouse(process.argv[1], process.env);
const made = (name) => { const object = {}; object[name] = 1; return object; };
const kept = [];
let room = 0;
for (; room < 400; room++) {
  const one = made('probe' + room);
  const other = made('probe' + room);
  kept.push(one, other);
  if (!%HaveSameMap(one, other)) break;
}
console.log(JSON.stringify({ problems, room }));
`;

/**
 * V8 keeps the shapes that objects may take from `{}` in a table of 1,536. When it is full, every object with a new
 * first member has a shape of its own and is slow, until the next full collection, which a calm process may not see for
 * minutes.
 */
it('reading configuration and policies leaves room for the shapes of objects', () => {
  const directory = mkdtempSync(join(tmpdir(), 'privet-shapes-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'config.yaml');
  const upstreamOf = (crm: string) => ({
    name: crm,
    crm,
    url: 'https://crm.invalid',
    match: { host: `${crm}.invalid` },
  });
  writeFileSync(
    file,
    stringify({
      upstreams: [upstreamOf('salesforce'), upstreamOf('hubspot')],
      identity: [{ apiKey: { keys: [{ id: 'nobody', sha256: '0'.repeat(64) }] } }],
      policies: { path: join(ROOT, 'policies/example'), include: ['packs/salesforce', 'packs/hubspot'] },
    }),
  );
  const said = execFileSync(
    process.execPath,
    ['--allow-natives-syntax', '--input-type=module', '--eval', PROBE, file],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(JSON.parse(said)).toEqual({ problems: [], room: 400 });
});
