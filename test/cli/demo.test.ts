import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holds } from '../../src/cli/demo/answers.ts';
import { openClaims } from '../../src/cli/demo/claims.ts';
import { table } from '../../src/cli/demo/table.ts';
import { coloursFor, columnsOf, wrap } from '../../src/cli/demo/text.ts';
import { run } from './run.ts';

/** A command line of curl as the request that it makes. */
function asRequest(line: string): Request {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match.slice(1).join(''));
  const after = (option: string) => words.filter((_, index) => words[index - 1] === option);
  const [body] = after('-d');
  const headers = after('-H').map((header) => header.split(': ') as [string, string]);
  return new Request(words.at(-1)!, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
}

describe('the tour', () => {
  it('shows what it promises, in a hundred columns, and holds all its own checks', async () => {
    const { exitCode, out, err } = await run('demo', '--once');
    expect(err).toBe('');
    // Names those that did not hold.
    expect(out).toMatch(/\d+ checks made, all held/);
    expect(exitCode).toBe(0);
    const row = (name: string) => new RegExp(`^ +${name} .*$`, 'm').exec(out)?.[0] ?? '';
    expect(row('Email')).toMatch(/ [a-z]\*\*\*@\S+ +\S+/);
    expect(row('NIF__c')).toMatch(/ — +— +\d{8}[A-Z]$/);
    expect(row('IBAN__c')).toMatch(/ \[redacted\] +\[redacted\] +ES\d{22}$/);
    expect(out).toMatch(/403 \[\{"message":"Bulk exports need/);
    expect(out).toMatch(/403 \[\{"message":"Email of Contact is not shown in clear/);
    expect(out).toMatch(/nif +—/);
    expect(out).toMatch(/NIF__c +pvt1_\S+ +— +12345678Z/);
    expect(out).toMatch(/IBAN__c +ES\d+ +\[redacted\] +ES9121000418450200051332/);
    expect(row('totalSize')).toMatch(/ 4 +3 +2 +3 +4$/);
    expect(out).toMatch(/"totalSize":1245, …\}: [^.]* of 2501\./);
    expect(out).toMatch(/403 \[\{"message":"You may read 200 records per hour/);
    expect(out).toMatch(/403 \[\{"message":"1 of 3 recipients have not agreed to marketing\.email/);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'left out 1 Contact (marketing-sees-who-has-agreed: marketing.email: withdrawn)',
    );
    expect(out).toMatch(/\d+ events, ok/);
    expect(out).not.toContain('\u001b');
    expect(Math.max(...out.split('\n').map(columnsOf))).toBeLessThanOrEqual(100);
  });
});

describe('the demo', () => {
  it('says what to type, all of which works, and leaves nothing behind after Ctrl-C', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'demo'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) {
      out += chunk;
      if (out.includes('Ctrl-C')) break;
    }
    const config = /configuration +(\S+)/.exec(out)?.[1] ?? '';
    expect(existsSync(config)).toBe(true);
    const curls = [...out.matchAll(/^curl -s .*?(?= \||$)/gm)].map(([line]) => asRequest(line));
    const answers: { readonly status: number; readonly text: string }[] = [];
    for (const request of curls) {
      const response = await fetch(request);
      answers.push({ status: response.status, text: await response.text() });
    }
    const perStep = [
      [200, 200, 200, 200], // one contact
      [200, 200, 403, 403, 403], // a team, a budget, an export, a filter
      [201, 200, 200], // the vault
      [200, 200, 200, 200, 200, 403], // a list, a link, a click, the list again, a mail
      [200, 403, 200, 200], // a restriction
      [200], // metrics
    ];
    expect(answers.map(({ status }) => status)).toEqual(perStep.flat());
    const texts = answers.map(({ text }) => text);
    const [found = '', held = ''] = texts.slice(10);
    expect(found).toContain('"NIF__c":"12345678Z"');
    expect(held).toMatch(/"NIF__c":"pvt1_[a-z2-7]{26}"/);
    const [before = '', , , , after = ''] = texts.slice(12);
    expect([before, after].map((text) => /"totalSize":(\d+)/.exec(text)?.[1])).toEqual(['3', '2']);
    const shown = /^npx tsx src\/main\.ts (consent show .*)$/m.exec(out)?.[1]?.split(' ') ?? [];
    expect((await run(...shown)).out).toMatch(/^restricted: .*^marketing\.email: withdrawn since/ms);
    const verified = await run('audit', 'verify', '--config', config);
    expect(verified.out).toContain('the chain holds');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(dirname(config))).toBe(false);
  });
});

describe('text of the demo', () => {
  it.each([
    ['abc', 3],
    ['Łódź', 4],
    ['e\u0301', 1],
    ['Київ', 4],
    ['株式会社', 8],
    ['🚨', 2],
    ['🇺🇦', 2],
    ['☎️', 2],
    ['👩‍👩‍👧', 2],
    ['', 0],
  ])('%j takes as many columns as a terminal gives it', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it.each([
    ['between words', 'one two three', 7, ['one two', 'three']],
    ['within a long word', 'abcdefgh ij', 3, ['abc', 'def', 'gh', 'ij']],
    ['before an @', 'nuno.zuniga@example.com', 14, ['nuno.zuniga', '@example.com']],
    ['never within a wide sign', '🚨🚨', 3, ['🚨', '🚨']],
    ['nowhere when it is empty', '', 5, ['']],
  ])('is broken %s', (_, text, columns, lines) => {
    expect(wrap(text, columns)).toEqual(lines);
  });

  it('aligns columns whatever stands in them', () => {
    const lines = table(
      [
        [{ text: 'a' }, { text: '🚨 x' }, { text: '|' }],
        [{ text: 'bb' }, { text: 'Ж' }, { text: '|' }],
      ],
      30,
    );
    const places = lines.map((line) => columnsOf(line.slice(0, line.indexOf('|'))));
    expect(new Set(places).size).toBe(1);
  });

  it.each([
    ['on a terminal', true, undefined, true],
    ['on a terminal with an empty NO_COLOR', true, '', true],
    ['on a terminal with NO_COLOR', true, '1', false],
    ['in a pipe', false, undefined, false],
  ])('is coloured or not: %s', (_, isTerminal, noColor, coloured) => {
    expect(coloursFor(isTerminal, noColor).isColorSupported).toBe(coloured);
  });

  it.each([
    ['a postal code', '{"MailingPostalCode":"29012"}', '29012', true],
    ['the same digits within a hash', '{"hash":"7f29012ac4"}', '29012', false],
    ['the same digits within a duration', '{"ms":1.29012}', '29012', false],
    ['a value with quotes', '{"Name":"a \\"b\\""}', 'a "b"', true],
    ['a telephone number within another text', '{"Notes":"call +34600123123."}', '600123123', true],
  ])('finds values and nothing that only looks like one: %s', (_, body, value, found) => {
    expect(holds({ body }, value)).toBe(found);
  });

  it('keeps the claims that did not hold', () => {
    const claims = openClaims();
    claims.that('one', true);
    claims.that('two', false);
    expect([claims.count(), claims.broken()]).toEqual([2, ['two']]);
  });
});
