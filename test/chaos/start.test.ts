import { once } from 'node:events';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { type Premises, premises } from './premises.ts';

const NOBODY = 'http://127.0.0.1:9';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(sections: Readonly<Record<string, unknown>> = {}): Promise<Premises> {
  const house = await premises(NOBODY, sections);
  closers.push(house.close);
  return house;
}

async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
}

/** Lines that say why Privet does not start: warnings and the log apart. */
function reasons(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('(warning)') && !line.startsWith('{'));
}

const KEK = Buffer.alloc(32, 1).toString('base64');

describe('a start that cannot succeed ends with status 1, one line and nothing left running', () => {
  it.each([
    [
      'the proxy’s port is occupied',
      async (house: Premises) => occupy(house.proxyPort),
      /^privet: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+$/,
    ],
    [
      'the admin port is occupied',
      async (house: Premises) => occupy(Number(new URL(house.adminUrl).port)),
      /^privet: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+$/,
    ],
    [
      'another process writes to the store',
      async (house: Premises) => {
        const store = openEmbedded(join(house.directory, 'data'), DEFAULT_LIMITS);
        closers.push(store.close);
      },
      /^privet: The store .*data is in use: another process is writing to it\.$/,
    ],
    [
      'the store is a file',
      async (house: Premises) => writeFileSync(join(house.directory, 'data'), ''),
      /^privet: EEXIST: file already exists, mkdir '.*data'$/,
    ],
    [
      'a policy is a link to nothing',
      async (house: Premises) => symlinkSync('nowhere.yaml', join(house.policies, 'gone.yaml')),
      /gone\.yaml:1:1 found nothing readable here, expected a file or directory of policies$/,
    ],
    [
      'a policy is broken',
      async (house: Premises) => writeFileSync(join(house.policies, 'broken.yaml'), 'policy: [\n'),
      /broken\.yaml:\d+:\d+ /,
    ],
    [
      'the key file holds no key',
      async (house: Premises) => {
        writeFileSync(join(house.directory, 'kek'), 'not a key');
        house.configure({ keys: { ring: './ring.json', kek: { file: './kek' } } });
      },
      /^privet: The keyring cannot be used\. .*$/,
    ],
    [
      'the key-encryption key is not the ring’s',
      async (house: Premises) => {
        const privet = await house.start();
        privet.kill('SIGTERM');
        await privet.exited;
        house.configure({ keys: { ring: './data/ring.json', kek: { env: 'PRIVET_KEK' } } });
      },
      /^privet: The keyring cannot be used\. .*$/,
    ],
    [
      'the certificate is not there',
      async (house: Premises) =>
        house.configure({ listen: { tls: { cert: './cert.pem', key: './key.pem' } } }),
      /^privet: ENOENT: no such file or directory, open '.*cert\.pem'$/,
    ],
    [
      'the certificate is none',
      async (house: Premises) => {
        for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(house.directory, name), 'x');
        house.configure({ listen: { tls: { cert: './cert.pem', key: './key.pem' } } });
      },
      /^privet: listen\.tls: the certificate .*cert\.pem and the key .*key\.pem cannot be used\.$/,
    ],
    [
      'the configuration is not there',
      async (house: Premises) => rmSync(house.configFile),
      /config\.yaml:1:1 cannot be read \(ENOENT\), expected a configuration file$/,
    ],
  ])('when %s', async (_, spoil, expected) => {
    // Redis is away all the while: nothing waits for it.
    const house = await open({ audit: { redis: { url: 'redis://:secret@127.0.0.1:9' } } });
    await spoil(house);
    const { code, output } = await house.run(['serve', '--config', house.configFile], { PRIVET_KEK: KEK });
    expect(reasons(output)).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(1);
    expect(output).not.toMatch(/secret|not a key|\n\s+at /);
  });

  it('when one runs already, which goes on running', async () => {
    const house = await open();
    const first = await house.start();
    const second = await house.run(['serve', '--config', house.configFile]);
    expect(reasons(second.output)).toEqual([
      expect.stringMatching(/in use: another process is writing to it\.$/),
    ]);
    expect(second.code).toBe(1);
    expect((await house.readiness()).status).toBe(200);
    first.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
  });
});
