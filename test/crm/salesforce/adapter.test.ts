import { describe, expect, it } from 'vitest';
import { adapter, OWNER } from './requests.ts';

describe('Salesforce answers of its own', () => {
  const denial = { policy: 'no-export', message: 'Ask <privacy> & "wait".' };

  it('denies in the shape its SDKs read', () => {
    expect(JSON.parse(adapter.errorBody(403, denial, '*/*', 'r1').body)).toEqual([
      {
        message: 'Ask <privacy> & "wait". (policy no-export, request r1)',
        errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      },
    ]);
  });

  it('says of a session that has ended what its SDKs look for', () => {
    expect(adapter.errorBody(401, denial, '*/*', 'r1').body).toContain('"errorCode":"INVALID_SESSION_ID"');
  });

  it('denies in XML to those who ask for it', () => {
    const { contentType, body } = adapter.errorBody(403, denial, 'application/xml', 'r1');
    expect(contentType).toBe('application/xml');
    expect(body).toContain(
      '<message>Ask &lt;privacy&gt; &amp; "wait". (policy no-export, request r1)</message>',
    );
  });

  it('asks whose a token is', () => {
    expect(adapter.whoAmI?.request('t')).toEqual({
      path: '/services/oauth2/userinfo',
      headers: { authorization: 'Bearer t', accept: 'application/json' },
    });
    expect(
      adapter.whoAmI?.parse({
        user_id: OWNER,
        user_type: 'STANDARD',
        profile: 'https://x.example/005',
        active: true,
      }),
    ).toEqual({ id: OWNER, crmUserId: OWNER, groups: ['STANDARD'] });
    expect(adapter.whoAmI?.parse({ user_id: OWNER, active: false })).toBeUndefined();
    expect(adapter.whoAmI?.parse([])).toBeUndefined();
  });
});

describe('texts of Salesforce', () => {
  it.each([
    [
      'duplicate value found: ExternalId__c duplicates value on record with id: 0035g000000003BAAQ',
      'duplicate value found: ExternalId__c duplicates value on record with id: [id]',
    ],
    ['duplicate value found: <unknown> duplicates value on record with id: <unknown>', undefined],
    ['The requested resource 0035g000000003BAAQ does not exist', undefined],
  ])('tell of a record that has a value already, but not which: %s', (text, shown = text) => {
    expect(adapter.withoutIds?.(text)).toBe(shown);
  });
});
