import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/document/problem.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/limits.ts';
import { loadPolicies } from '../../../src/policy/compile/compile.ts';
import { loadPolicyFiles } from '../../../src/policy/compile/load.ts';
import { decide, OPTIONS, operation, principal, SALESFORCE } from '../fixture.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'privet-load-'));
});
afterEach(() => rm(base, { recursive: true }));

async function put(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(base, path, '..'), { recursive: true });
    await writeFile(join(base, path), content);
  }
}

function load(includes: readonly string[] = [], limits: Limits = DEFAULT_LIMITS) {
  return loadPolicyFiles({
    directory: join(base, 'own'),
    includes: includes.map((name) => join(base, name)),
    limits,
  });
}

describe('loadPolicyFiles', () => {
  it('reads all YAML at any depth, packs first, in order of path, without tests and hidden files', async () => {
    await put({
      'own/b.yaml': '1',
      'own/a/z.yml': '2',
      'own/C.YAML': '4',
      'own/a_test.yaml': 'no',
      'own/B_TEST.YML': 'no',
      'own/notes.txt': 'no',
      'own/..data/b.yaml': 'no',
      'own/.hidden.yaml': 'no',
      'pack/p.yaml': '3',
    });
    const { files, problems } = await load(['pack']);
    expect(problems).toEqual([]);
    expect(files.map(({ name, layer }) => [name, layer])).toEqual([
      ['include 0/p.yaml', 0],
      ['C.YAML', 1],
      ['a/z.yml', 1],
      ['b.yaml', 1],
    ]);
  });

  it('reads a file once, however many links lead to it, and survives loops', async () => {
    await put({ 'own/a.yaml': '1' });
    await symlink('.', join(base, 'own', 'loop'));
    await symlink('a.yaml', join(base, 'own', 'b.yaml'));
    expect((await load()).files).toHaveLength(1);
  });

  it('says when an editor has put another ending behind the name of a policy', async () => {
    await put({
      'own/a.yaml': '1',
      'own/b.yaml.txt': '2',
      'own/c.YML.TXT': '3',
      'own/a_test.yaml.txt': 'no',
    });
    const { problems } = await load();
    const said = 'found a name that ends in .txt, expected .yaml: the file is not read';
    expect(problems.map(formatProblem)).toEqual([
      `${join(base, 'own', 'b.yaml.txt')}:1:1 ${said}`,
      `${join(base, 'own', 'c.YML.TXT')}:1:1 ${said}`,
    ]);
  });

  it('says when a policy or a directory of them is a link to nothing', async () => {
    await put({ 'own/a.yaml': '1' });
    await symlink('gone.yaml', join(base, 'own', 'b.yaml'));
    await symlink('/mnt/gone', join(base, 'own', 'c'));
    await symlink('ana@host.1:2', join(base, 'own', '.#a.yaml'));
    const { problems } = await load();
    expect(problems.map(formatProblem)).toEqual(
      ['b.yaml', 'c'].map(
        (name) =>
          `${join(base, 'own', name)}:1:1 found nothing readable here, expected a file or directory of policies`,
      ),
    );
  });

  it('has one hash for the same files wherever they are, another for any change', async () => {
    await put({ 'own/a.yaml': '1', 'own/b.yaml': '2' });
    const { hash } = await load();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await load()).hash).toBe(hash);
    await put({ 'own/a.yaml': '12', 'own/b.yaml': '' });
    expect((await load()).hash).not.toBe(hash);
  });

  it.each([
    ['a missing directory', {}, {}, 'own:1:1 found no directory here'],
    [
      'bytes that are not UTF-8',
      { 'own/a.yaml': Buffer.from([0x61, 0xff]) },
      {},
      'a.yaml:1:1 found bytes that are not UTF-8',
    ],
    [
      'too many files',
      { 'own/a.yaml': '1', 'own/b.yaml': '1' },
      { policyFilesMax: 1 },
      'found more policies than',
    ],
    ['too many bytes', { 'own/a.yaml': '123' }, { policyBytesMax: 2 }, 'found more policies than'],
    [
      'too many directories',
      { 'own/x/a.yaml': '1' },
      { policyDirectoriesMax: 1 },
      'found more directories than',
    ],
  ])('refuses %s', async (_, files, limits, message) => {
    await put(files);
    const { problems } = await load([], { ...DEFAULT_LIMITS, ...limits });
    expect(problems.map(formatProblem).join('\n')).toContain(message);
  });
});

function compile(...includes: readonly string[]) {
  const directories = includes.map((name) => join(base, name));
  return loadPolicies(
    { directory: join(base, 'own'), includes: directories, limits: DEFAULT_LIMITS },
    OPTIONS,
  );
}

/** A policy that says nothing of fields. */
const POLICY = 'policy: p\non: { operations: [export] }\ndeny: No.\n';

describe('loadPolicies', () => {
  it('lets the company extend and override packs field by field', async () => {
    await put({
      'pack/map.yaml':
        'dataMap: salesforce\nobjects:\n  Contact: { owner: OwnerId, fields: { Email: contact.email, Fax: contact.phone } }\n',
      'own/map.yaml':
        'dataMap: salesforce\nobjects:\n  contact: { fields: { EMAIL: none, NIF__c: identity.national-id } }\n',
      'own/p.yaml':
        'policy: p\non: { objects: [Contact] }\nshow: { contact.*: redact, identity.*: remove }\nrows: record.owner == "1"\n',
    });
    const compiled = await compile('pack');
    if (!('snapshot' in compiled)) throw new Error(compiled.problems.map(formatProblem).join('\n'));
    const contact = decide(compiled.snapshot, SALESFORCE, principal(), operation('read')).view.of('Contact');
    expect(['Email', 'Fax', 'NIF__c'].map((name) => contact.field(name)?.treatment.kind)).toEqual([
      undefined,
      'redact',
      'remove',
    ]);
    expect(contact.rows[0]?.needs).toEqual(['OwnerId']);
  });

  it('adds up who packs of one directory say that records are about, and lets the company say it anew', async () => {
    const mapOf = (through: string) =>
      `dataMap: salesforce\nobjects:\n  Contact: { dataSubject: { id: Id } }\n  Task: { dataSubject: { through: ${through} } }\n`;
    await put({
      'packs/one.yaml': mapOf('[WhatId, WhoId]'),
      'packs/other.yaml': mapOf('[AccountId, WhoId]').replace(/ {2}Contact.*\n/, ''),
      'own/p.yaml': 'policy: p\nrequire: { consent: marketing.email, otherwise: omit-record }\n',
    });
    const related = async () => {
      const compiled = await compile('packs');
      if (!('snapshot' in compiled)) throw new Error(compiled.problems.map(formatProblem).join('\n'));
      return decide(compiled.snapshot, SALESFORCE, principal(), operation('read')).view.of('Task').relatedBy;
    };
    expect(await related()).toEqual(['WhatId', 'WhoId', 'AccountId']);
    await put({ 'own/map.yaml': mapOf('[WhoId]').replace(/ {2}Contact.*\n/, '') });
    expect(await related()).toEqual(['WhoId']);
  });

  it('warns where there is no policy at all', async () => {
    await put({ 'own/notes.txt': 'policy: p' });
    expect((await compile()).warnings.map(formatProblem)).toEqual([
      `${join(base, 'own')}:1:1 found no policy here, so that everybody is shown everything`,
    ]);
  });

  it('reports problems of files and of their content together', async () => {
    await put({ 'own/a.yaml': Buffer.from([0xff]), 'own/b.yaml': 'policy: p\ndney: x\n' });
    const compiled = await compile();
    expect('problems' in compiled && compiled.problems.length).toBeGreaterThan(1);
  });

  it('sums up what only the packs classify, and names what is the company’s own or treated in other places', async () => {
    await put({
      'pack/a.yaml':
        'dataMap: salesforce\nobjects:\n  Contact: { fields: { Email: contact.email, Phone: contact.phone, Title: employment.position } }\n  Lead: { fields: { Email: contact.email, Race__c: special.ethnicity } }\n',
      'own/a.yaml': 'dataMap: salesforce\nobjects: { Contact: { fields: { Mobile__c: contact.phone } } }\n',
      'own/p.yaml': 'policy: p\non: { objects: [Contact] }\nshow: { contact.email: redact }\n',
    });
    const { warnings } = await compile('pack');
    expect(warnings.map(({ message }) => message)).toEqual([
      'found fields of category contact.phone that no policy treats: Contact.Phone, Contact.Mobile__c',
      'found 2 categories of the packs that no policy treats, so that everybody is shown what is in them: special.ethnicity, employment.position',
      'found fields of category contact.email that no policy treats: Lead.Email',
    ]);
    expect(warnings[1]?.details?.map(({ message }) => message)).toEqual([
      'found fields of category employment.position that no policy treats: Contact.Title',
      'found fields of category special.ethnicity that no policy treats: Lead.Race__c',
    ]);
  });

  it('warns of objects that look like a misspelt one of a pack', async () => {
    await put({
      'own/p.yaml': POLICY,
      'pack/a.yaml': 'dataMap: salesforce\nobjects: { Contact: { fields: { Email: none } } }\n',
      'own/a.yaml':
        'dataMap: salesforce\nobjects:\n  Contcat: { fields: { Email: none } }\n  contact: { fields: { X__c: none } }\n  Car__c: { fields: { X__c: none } }\n',
    });
    const { warnings } = await compile('pack');
    expect(warnings.map(({ line, message }) => [line, message])).toEqual([
      [3, 'found object "Contcat"; did you mean "Contact"?'],
    ]);
  });

  it('warns of objects that look like a misspelt one of a description', async () => {
    await put({
      'own/a.yaml':
        'dataMap: desk\nobjects:\n  Custmer: { fields: { a: none } }\n  Visit: { fields: { a: none } }\n',
      'own/p.yaml': POLICY,
    });
    const crms = [{ name: 'desk', namesIgnoreCase: false, describedObjects: ['Customer', 'Ticket'] }];
    const { warnings } = await loadPolicies(
      { directory: join(base, 'own'), includes: [], limits: DEFAULT_LIMITS },
      { ...OPTIONS, crms },
    );
    expect(warnings.map(({ line, message }) => [line, message])).toEqual([
      [3, 'found object "Custmer"; did you mean "Customer"?'],
    ]);
  });

  it('warns of categories that look misspelt and of fields that no policy treats', async () => {
    await put({
      'own/p.yaml': POLICY,
      'own/a.yaml':
        'dataMap: hubspot\nobjects:\n  deals: { fields: { phone: contact.phnoe, amount: none } }\n',
    });
    const { warnings } = await compile();
    expect(warnings.map(({ message }) => message)).toEqual([
      'found fields of category contact.phnoe that no policy treats: deals.phone',
      'found category "contact.phnoe"; did you mean "contact.phone"?',
    ]);
  });
});
