import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { openAuditLog } from '../../src/audit/log.ts';
import { openJournal } from '../../src/store/journal.ts';
import { entryOf, TEST_LIMITS, temporaryDirectory, textsIn, until } from '../fixtures/audit.ts';
import { freePort, startRedis } from '../fixtures/redis.ts';

it('ships over TLS (rediss://), to a Redis whose certificate it can verify and to no other', async () => {
  const directory = temporaryDirectory();
  const [key, cert] = [join(directory.path, 'key.pem'), join(directory.path, 'cert.pem')];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...request.split(' '), ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const port = await freePort();
  const redis = await startRedis({
    args: [
      '--tls-port',
      String(port),
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-auth-clients',
      'no',
    ],
  });
  const journal = await openJournal(join(directory.path, 'data'), TEST_LIMITS);
  const log = await openAuditLog({
    journal,
    clock: Date.now,
    limits: { ...TEST_LIMITS, auditShipTimeoutMs: 2_000 },
    redis: { url: `rediss://localhost:${port}`, stream: 'privet:audit' },
  });
  await log.record(entryOf('r1'));
  await until(() => log.state().awayBecause === 'DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is refused');
  expect(await textsIn(redis.client, 'privet:audit')).toEqual([]);

  const known = getCACertificates();
  setDefaultCACertificates([...known, readFileSync(cert, 'utf8')]);
  await until(() => log.state().depthEvents === 0, 'all shipped');
  expect(await textsIn(redis.client, 'privet:audit')).toHaveLength(1);
  setDefaultCACertificates(known);

  await log.close();
  await journal.close();
  await redis.stop();
  directory.remove();
});
