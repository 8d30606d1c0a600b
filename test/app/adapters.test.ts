import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAdapters } from '../../src/app/adapters.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/document/problem.ts';
import { directoryOf } from '../config/directory.ts';

const HELPDESK = readFileSync('test/fixtures/crm/generic/helpdesk.yaml', 'utf8');

function open(upstreams: string, files: Record<string, string | Buffer> = {}) {
  const text = `upstreams:\n${upstreams}\nidentity: [{ crm: {} }]\n`;
  const directory = directoryOf({ 'config.yaml': text, ...files });
  const { config, problems } = loadConfig(join(directory, 'config.yaml'), {});
  if (config === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  const opened = openAdapters(config);
  return {
    ...opened,
    lines: opened.problems.map((problem) => formatProblem(problem).replace(`${directory}/`, '')),
  };
}

const generic = (descriptor: string) =>
  `  - { name: desk, crm: generic, descriptor: ${descriptor}, url: https://desk.example }`;

describe('adapters', () => {
  it('are opened for every upstream, by its name', () => {
    const { adapters, lines } = open(
      `  - { name: a, crm: salesforce, url: https://a.example, match: { prefix: /a } }
  - { name: b, crm: hubspot, url: https://b.example, match: { prefix: /b } }
  - { name: c, crm: generic, descriptor: d.yaml, url: https://c.example, match: { prefix: /c } }`,
      { 'd.yaml': HELPDESK },
    );
    expect(lines).toEqual([]);
    expect([...adapters.keys()]).toEqual(['a', 'b', 'c']);
    expect(adapters.get('b')?.name).toBe('hubspot');
    expect(adapters.get('c')?.name).toBe('helpdesk');
  });

  it.each([
    ['is not there', {}, 'd.yaml:1:1 cannot be read (ENOENT), expected a descriptor'],
    ['is empty', { 'd.yaml': '' }, 'd.yaml:1:1 found 0 documents, expected one descriptor'],
    ['holds two documents', { 'd.yaml': `${HELPDESK}\n---\n${HELPDESK}` }, 'd.yaml:1:1 found 2 documents'],
    ['is not UTF-8', { 'd.yaml': Buffer.from('# Ñ', 'latin1') }, 'd.yaml:1:1 found bytes that are not UTF-8'],
    ['is no YAML', { 'd.yaml': 'a: [' }, 'found malformed YAML'],
    ['has an unknown key', { 'd.yaml': `${HELPDESK}\nnmae: x\n` }, 'found unknown key "nmae"'],
  ])('are refused when their descriptor %s', (_, files: Record<string, string | Buffer>, expected) => {
    expect(open(generic('d.yaml'), files).lines.join('\n')).toContain(expected);
  });
});
