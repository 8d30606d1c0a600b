import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { LISTEN_SCHEMA, UPSTREAMS_SCHEMA } from '../../src/proxy/config.ts';

const ajv = new Ajv({ useDefaults: true, allErrors: true });
const upstreams = ajv.compile(UPSTREAMS_SCHEMA);
const sales = { name: 'sales', crm: 'salesforce', url: 'https://acme.my.salesforce.com' };

describe('the proxy’s configuration', () => {
  it('has defaults', () => {
    const config = { listen: {}, upstreams: [{ ...sales }] };
    const sections = { listen: LISTEN_SCHEMA, upstreams: UPSTREAMS_SCHEMA };
    expect(ajv.validate({ type: 'object', properties: sections }, config)).toBe(true);
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config.upstreams[0]).toMatchObject({ credentials: 'passthrough' });
  });

  it.each([
    { match: { host: 'crm.acme.example' } },
    { match: { prefix: '/sf' } },
    { match: { prefix: '/crm/sales.eu' } },
    { credentials: { bearer: 'x' } },
    { tls: { ca: 'ca.pem' } },
    { url: 'https://acme.example/espo/' },
    { crm: 'generic', descriptor: 'crm.yaml' },
  ])('takes an upstream with %j', (change) => {
    expect(upstreams([{ ...sales, ...change }])).toBe(true);
  });

  it.each([
    { match: { prefix: '/' } },
    { match: { prefix: '/..' } },
    { match: { prefix: '/sf/' } },
    { match: { host: 'a', prefix: '/sf' } },
    { match: {} },
    { credentials: 'none' },
    { url: 'https://user:secret@acme.example' },
    { url: 'https://acme.example?x=1' },
    { url: 'ftp://acme.example' },
    { name: 'a b' },
    { crm: 'generic' },
    { descriptor: 'crm.yaml' },
    { tls: { verify: false } },
    { unknown: 1 },
  ])('refuses an upstream with %j', (change) => {
    expect(upstreams([{ ...sales, ...change }])).toBe(false);
  });
});
