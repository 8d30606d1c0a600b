import { describe, expect, it } from 'vitest';
import { guardVault, type VaultAccess } from '../../../src/enforce/stored/vault-access.ts';
import { play, refusalOf, V59 } from '../fixture.ts';
import { registryOf } from '../registry.ts';

const ANA = 'ana@example.com';
const POLICIES = `policy: addresses-are-kept
store:
  contact.email: { tokenize: format-preserving, as: email }
`;
const COMMUNICATION = '/communication-preferences';
const STATUS = { subscriberIdString: ANA, subscriptionId: 7, channel: 'EMAIL' };
const [TOKEN, OTHER] = ['a', 'b'].map((letter) => `pvt1_${letter.repeat(26)}@token.invalid`);

/** A vault with the tokens of one address. */
function vaultOf(...tokens: readonly (string | undefined)[]): VaultAccess {
  const lookUp: VaultAccess['lookUp'] = (items) =>
    Promise.resolve(items.map(({ value }) => (value === ANA ? tokens.flatMap((one) => one ?? []) : [])));
  return { ...guardVault(undefined), lookUp };
}

/** The CRM keeps, or makes a contact of, every address that it is told. */
describe('a person whom a request names by an address of which the CRM keeps tokens', () => {
  it.each([
    ['hubspot', 'POST /marketing/v4/email/single-send', { emailId: 1, message: { to: ANA } }],
    ['hubspot', `POST ${COMMUNICATION}/v3/subscribe`, { emailAddress: ANA, subscriptionId: '7' }],
    [
      'hubspot',
      `POST ${COMMUNICATION}/v4/statuses/batch/write`,
      {
        inputs: [
          { ...STATUS, statusState: 'UNSUBSCRIBED' },
          { ...STATUS, subscriberIdString: 'bo@example.com', statusState: 'SUBSCRIBED' },
        ],
      },
    ],
    [
      'salesforce',
      `POST ${V59}/actions/standard/emailSimple`,
      { inputs: [{ emailAddresses: ANA, emailSubject: 'a', emailBody: 'b' }] },
    ],
  ] as const)('is not told to the CRM: %s %s', async (crm, request, body) => {
    const unknown = { consent: registryOf([]), current: { results: [] } };
    const ask = (policies: string) => play({ crm, policies, request, ...unknown, body });
    await expect(ask(POLICIES)).rejects.toThrow('this request names people by it');
    expect((await ask('policy: none\nshow: { health.*: redact }\n')).refusal).toBeUndefined();
  });

  it('is written to by id', async () => {
    const inputs = [{ recipientId: '0035g000000001lAAA', emailSubject: 'a', emailBody: 'b' }];
    const request = `POST ${V59}/actions/standard/emailSimple`;
    expect((await play({ policies: POLICIES, request, body: { inputs } })).refusal).toBeUndefined();
  });
});

const GONE = { ...STATUS, statusState: 'UNSUBSCRIBED' };
const UNSUBSCRIBING = [
  [
    `${COMMUNICATION}/v3/unsubscribe`,
    { emailAddress: ANA, subscriptionId: '7' },
    { emailAddress: TOKEN, subscriptionId: '7' },
  ],
  [`${COMMUNICATION}/v4/statuses/${ANA}`, GONE, { ...GONE, subscriberIdString: TOKEN }],
  [`${COMMUNICATION}/v4/statuses/${ANA}/unsubscribe-all?channel=EMAIL`, undefined, undefined],
  [`${COMMUNICATION}/v4/statuses/batch/unsubscribe-all`, { inputs: [ANA] }, { inputs: [TOKEN] }],
  [
    `${COMMUNICATION}/v4/statuses/batch/write`,
    { inputs: [GONE] },
    { inputs: [{ ...GONE, subscriberIdString: TOKEN }] },
  ],
] as const;

describe('somebody who is unsubscribed by an address of which the CRM keeps tokens', () => {
  const scene = { crm: 'hubspot', policies: POLICIES, vault: vaultOf(TOKEN) } as const;

  it.each(UNSUBSCRIBING)('is named by the token: POST %s', async (path, body, told) => {
    const played = await play({ ...scene, request: `POST ${path}`, body });
    expect(played.body).toEqual(told);
    expect(decodeURIComponent(played.target)).toContain(path.includes(ANA) ? String(TOKEN) : path);
    expect(decodeURIComponent(played.target) + played.text).not.toContain(ANA);
  });

  it.each(UNSUBSCRIBING)('is known in the registry by the address: POST %s', async (path, body) => {
    const withdrawn: unknown[] = [];
    const feed = {
      observe: (seen: readonly unknown[]) => void withdrawn.push(...seen),
      lately: () => ({ has: () => true, version: () => 0 }),
    };
    const played = await play({ ...scene, feed, request: `POST ${path}`, body });
    await played.answerAfterLookUps('{}').then(({ discharged }) => discharged.settle());
    expect(withdrawn).toMatchObject([{ who: { email: ANA }, state: 'withdrawn', purpose: 'marketing' }]);
  });

  it.each(UNSUBSCRIBING)('is not, where nobody is known there by it: POST %s', async (path, body) => {
    const denial = await refusalOf({ ...scene, vault: vaultOf(), request: `POST ${path}`, body });
    expect(denial).toEqual({
      policy: 'addresses-are-kept',
      message: expect.stringContaining('has no token'),
    });
  });

  it.each(UNSUBSCRIBING)('is not by those who may not look people up by it: POST %s', async (path, body) => {
    const policies = `${POLICIES}---\npolicy: masked\nshow: { contact.email: { mask: email } }\n`;
    const denial = await refusalOf({ ...scene, policies, request: `POST ${path}`, body });
    expect(denial.message).toContain('this request names people by it');
  });

  it.each([TOKEN, 'pvt1_a'])('is not by %s itself, by which the registry knows nobody', async (address) => {
    const inputs = [`${address}`.includes('@') ? address : `${address}@example.com`];
    const request = `POST ${COMMUNICATION}/v4/statuses/batch/unsubscribe-all`;
    expect((await refusalOf({ ...scene, request, body: { inputs } })).message).toContain('has no token');
  });

  it('is unsubscribed under every spelling where several can be named, and else not at all', async () => {
    const vault = vaultOf(TOKEN, OTHER);
    const many = await play({
      ...scene,
      vault,
      request: `POST ${UNSUBSCRIBING[3][0]}`,
      body: { inputs: [ANA] },
    });
    expect(many.body).toEqual({ inputs: [TOKEN, OTHER] });
    const request = `POST ${UNSUBSCRIBING[0][0]}`;
    const denial = await refusalOf({ ...scene, vault, request, body: UNSUBSCRIBING[0][1] });
    expect(denial.message).toContain('cannot be asked by token');
  });
});

describe('what somebody is subscribed to', () => {
  it.each([
    ['their token', vaultOf(TOKEN), TOKEN],
    ['a token that nobody has', vaultOf(), `pvt0_${'a'.repeat(26)}@token.invalid`],
  ])('is asked by %s', async (_, vault, told) => {
    const scene = { crm: 'hubspot', policies: POLICIES, vault } as const;
    const [v3, v4] = [`/v3/status/email/`, '/v4/statuses/'].map((path) => COMMUNICATION + path);
    expect((await play({ ...scene, request: `GET ${v3}${ANA}` })).target).toBe(
      `${v3}${told?.replace('@', '%40')}?`,
    );
    expect((await play({ ...scene, request: `GET ${v4}${ANA}` })).target).toBe(
      `${v4}${told?.replace('@', '%40')}?`,
    );
    const batch = await play({ ...scene, request: `POST ${v4}batch/read`, body: { inputs: [ANA] } });
    expect(batch.body).toEqual({ inputs: [told] });
  });
});
