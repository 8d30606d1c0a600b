import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/document/problem.ts';
import { compilePolicies } from '../../src/policy/compile/compile.ts';
import { MAPS, OPTIONS } from './fixture.ts';

const FOLDER = 'test/fixtures/policy-errors';

/** Beside each YAML file stands what is said about it. `vitest -u` writes it anew: read the difference. */
describe('what is said about wrong policies', () => {
  const names = globSync(`${FOLDER}/*.yaml`)
    .map((path) => basename(path, '.yaml'))
    .sort();

  it.each(names)('%s', async (name) => {
    const text = readFileSync(`${FOLDER}/${name}.yaml`, 'utf8');
    const files = [
      { path: 'maps.yaml', name: 'maps.yaml', layer: 0, text: MAPS },
      { path: `${name}.yaml`, name: `${name}.yaml`, layer: 0, text },
    ];
    const compiled = compilePolicies(files, 'hash', {
      ...OPTIONS,
      roles: ['support', 'sales-rep', 'privacy-officer'],
    });
    const problems = 'problems' in compiled ? compiled.problems : [];
    expect(problems.length).toBeGreaterThan(0);
    await expect(`${problems.map(formatProblem).join('\n')}\n`).toMatchFileSnapshot(
      `../fixtures/policy-errors/${name}.expected.txt`,
    );
  });
});
