/** Ory Oathkeeper matched `/public/../admin` as public and forwarded it as it stood. */
import { afterEach, expect, it } from 'vitest';
import { closeAll, exchangeRaw, startCrm, startProxy } from '../proxy/loopback.ts';

afterEach(closeAll);

it.each([
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/public/%2E./admin',
  '/public/..%2fadmin',
  '/public/..%5cadmin',
  '/public/..;/admin',
  '/public/%252e%252e/admin',
  '/public//../admin',
  '/public/..\\admin',
])('%s is refused and never reaches the CRM', async (target) => {
  const seen: (string | undefined)[] = [];
  const crm = await startCrm((request, response) => {
    seen.push(request.url);
    response.end();
  });
  const proxy = await startProxy(crm.url);
  const bytes = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  expect(await exchangeRaw(proxy.port, bytes)).toMatch(/^HTTP\/1.1 400 /);
  expect(seen).toEqual([]);
});
