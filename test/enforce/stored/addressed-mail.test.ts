import { describe, expect, it } from 'vitest';
import { play, V59 } from '../fixture.ts';
import { registryOf } from '../registry.ts';

const ANA = 'ana@example.com';
const POLICIES = `policy: addresses-are-kept
store:
  contact.email: { tokenize: format-preserving, as: email }
`;
const COMMUNICATION = '/communication-preferences';

/** The CRM keeps, or makes a contact of, every address that it is told. */
describe('a person whom a request names by an address of which the CRM keeps tokens', () => {
  it.each([
    ['hubspot', 'POST /marketing/v4/email/single-send', { emailId: 1, message: { to: ANA } }],
    ['hubspot', `POST ${COMMUNICATION}/v3/subscribe`, { emailAddress: ANA, subscriptionId: '7' }],
    ['hubspot', `POST ${COMMUNICATION}/v3/unsubscribe`, { emailAddress: ANA, subscriptionId: '7' }],
    ['hubspot', `POST ${COMMUNICATION}/v4/statuses/${ANA}/unsubscribe-all?channel=EMAIL`, undefined],
    ['hubspot', `POST ${COMMUNICATION}/v4/statuses/batch/unsubscribe-all`, { inputs: [ANA] }],
    [
      'salesforce',
      `POST ${V59}/actions/standard/emailSimple`,
      { inputs: [{ emailAddresses: ANA, emailSubject: 'a', emailBody: 'b' }] },
    ],
  ] as const)('is not told to the CRM: %s %s', async (crm, request, body) => {
    const unknown = { consent: registryOf([]), current: { results: [] } };
    const ask = (policies: string) =>
      play({ crm, policies, request, ...unknown, ...(body === undefined ? {} : { body }) });
    await expect(ask(POLICIES)).rejects.toThrow('this request names people by it');
    expect((await ask('policy: none\nshow: { health.*: redact }\n')).refusal).toBeUndefined();
  });

  it('is written to by id', async () => {
    const inputs = [{ recipientId: '0035g000000001lAAA', emailSubject: 'a', emailBody: 'b' }];
    const request = `POST ${V59}/actions/standard/emailSimple`;
    expect((await play({ policies: POLICIES, request, body: { inputs } })).refusal).toBeUndefined();
  });
});
