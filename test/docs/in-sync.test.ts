import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createMetrics } from '../../src/admin/metrics.ts';
import { planHouse } from '../../src/app/plan.ts';
import { runCli } from '../../src/cli/cli.ts';
import { ERRORS } from '../../src/errors.ts';
import { OPERATION_KINDS } from '../../src/model/operation.ts';
import { LEAST_REVEALING_FIRST } from '../../src/model/treatment.ts';
import { VOCABULARY } from '../../src/policy/language/vocabulary.ts';
import { directoryOf } from '../config/directory.ts';
import { codeOf, rowsBelow } from './markdown.ts';

const PAGES = ['README.md', 'CHANGELOG.md', ...globSync('docs/*.md')];

async function helpOf(...argv: string[]): Promise<string> {
  let text = '';
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await runCli([...argv, '--help'])).toBe(0);
  } finally {
    written.mockRestore();
  }
  return text;
}

/** Names below `Commands:` of a help text. */
function commandsIn(help: string): string[] {
  return [...(help.split('Commands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
}

/** The first YAML block of a page that has this key. */
function yamlOf(page: string, word: string): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? '',
  );
  return blocks.find((text) => text.split('\n').some((line) => line.startsWith(`${word}:`))) ?? '';
}

describe('the documentation', () => {
  it('has a configuration and policies in the README that hold together', async () => {
    const directory = directoryOf({
      'config.yaml': yamlOf('README.md', 'upstreams'),
      'policies/first.yaml': yamlOf('README.md', 'policy'),
      'policies/second.yaml': yamlOf('docs/policies.md', 'dataMap'),
    });
    const { plan, problems } = await planHouse(join(directory, 'config.yaml'), {});
    expect(problems).toEqual([]);
    expect(plan?.policies.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has every error with its status, message and what to do', () => {
    const documented = rowsBelow('README.md', 'Errors').map(([code, ...rest]) => [codeOf(code), ...rest]);
    const known = Object.entries(ERRORS).map(([code, error]) => [
      code,
      String(error.status),
      error.message,
      error.action,
    ]);
    expect(documented).toEqual(known);
  });

  it('has every command of the program, and no other', async () => {
    const top = commandsIn(await helpOf());
    const audit = commandsIn(await helpOf('audit'));
    const known = [...top.filter((name) => name !== 'audit'), ...audit.map((name) => `audit ${name}`)];
    const documented = rowsBelow('README.md', 'Commands').map(([name]) => codeOf(name));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('has every metric that is Privet’s own, and no other', async () => {
    const nothing = () => 0;
    const text = await createMetrics({
      spoolEvents: nothing,
      spoolBytes: nothing,
      auditShipped: nothing,
      consentLost: nothing,
      consentWaiting: nothing,
      grantsEnding: nothing,
      grantsOver: nothing,
    }).text();
    const known = [...text.matchAll(/^# TYPE (privet_\w+)/gm)].map(([, name]) => name ?? '');
    const documented = rowsBelow('docs/operations.md', 'Metrics').map(([name]) => codeOf(name));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('has every treatment from the least to the most revealing', () => {
    expect(rowsBelow('README.md', 'Policies').map(([kind]) => codeOf(kind))).toEqual(LEAST_REVEALING_FIRST);
  });

  it.each([...OPERATION_KINDS])('names the operation %s', (kind) => {
    expect(readFileSync('docs/policies.md', 'utf8')).toContain(`\`${kind}\``);
  });

  it.each(Object.keys(VOCABULARY).filter((category) => !/^(none|health|special)\b/.test(category)))(
    'names the category %s',
    (category) => {
      const [branch = '', leaf] = category.split('.');
      const text = readFileSync('docs/policies.md', 'utf8').replaceAll('\n', ' ');
      const listed = new RegExp(`\`${branch}\\.\\*\` \\([^)]*\\b${leaf ?? ''}\\b`).test(text);
      expect(listed || text.includes(`\`${category}\``)).toBe(true);
    },
  );

  it.each(PAGES)('%s links to files that exist', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target]) => target ?? '',
    );
    const local = links
      .filter((target) => !/^https?:/.test(target))
      .map((target) => target.replace(/#.*/, ''));
    expect(local.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });
});
