import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/document/problem.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { OperationKind } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import { loadPolicies } from '../../src/policy/compile/compile.ts';
import type { CrmTraits } from '../../src/policy/data-map.ts';
import { decide, HUBSPOT, OPTIONS, operation, principal, SALESFORCE } from './fixture.ts';

const roles = ['support', 'marketing', 'sales-rep', 'privacy-officer', 'data-export-officer'];
const compiled = await loadPolicies(
  {
    directory: 'policies/example',
    includes: ['policies/packs/salesforce', 'policies/packs/hubspot'],
    limits: DEFAULT_LIMITS,
  },
  OPTIONS,
);

function decideAs(
  role: string,
  crm: CrmTraits,
  kind: OperationKind,
  object: string,
  held: Partial<Principal> = {},
) {
  if (!('snapshot' in compiled)) throw new Error(compiled.problems.map(formatProblem).join('\n'));
  return decide(
    compiled.snapshot,
    crm,
    principal({ roles: [role], crmUserId: '7', ...held }),
    operation(kind, { objects: [object] }),
  );
}

describe('the example company', () => {
  it('has no mistakes, with some packs or with all of them', async () => {
    expect('problems' in compiled ? compiled.problems.map(formatProblem) : []).toEqual([]);
    const whole = await loadPolicies(
      { directory: 'policies/example', includes: ['policies/packs'], limits: DEFAULT_LIMITS },
      OPTIONS,
    );
    expect('problems' in whole ? whole.problems.map(formatProblem) : []).toEqual([]);
  });

  it.each([
    [
      'support',
      SALESFORCE,
      'Contact',
      {
        Name: undefined,
        LastName: undefined,
        Email: 'mask',
        Phone: 'mask',
        MailingAddress: 'redact',
        MailingPostalCode: 'generalize',
        Birthdate: 'generalize',
        NIF__c: 'remove',
        IBAN__c: 'redact',
        Diagnosis__c: 'remove',
        AnnualIncome__c: 'redact',
        CustomerNumber__c: undefined,
        Description: 'scan',
        OwnerId: undefined,
      },
    ],
    ['support', SALESFORCE, 'Name', { Name: undefined, Email: 'mask' }],
    ['support', SALESFORCE, 'ContactHistory', { OldValue: 'redact', Field: undefined }],
    [
      'support',
      HUBSPOT,
      'contacts',
      {
        firstname: undefined,
        email: 'mask',
        hs_email_domain: 'mask',
        hs_full_name_or_email: 'mask',
        hs_calculated_phone_number: 'mask',
        address: 'redact',
        zip: 'generalize',
        nif: 'remove',
        iban: 'redact',
        diagnosis: 'remove',
        ip_city: 'remove',
      },
    ],
    [
      'marketing',
      SALESFORCE,
      'Lead',
      { Email: undefined, Phone: 'remove', Street: 'remove', Address: 'remove', NIF__c: 'remove' },
    ],
    [
      'marketing',
      HUBSPOT,
      'contacts',
      {
        email: undefined,
        mobilephone: 'remove',
        nif: 'remove',
        iban: 'redact',
        diagnosis: 'remove',
        hs_email_open: undefined,
      },
    ],
    [
      'privacy-officer',
      SALESFORCE,
      'Contact',
      { Email: undefined, NIF__c: undefined, IBAN__c: undefined, Diagnosis__c: undefined },
    ],
  ])('shows %s in %o %s', (role, crm, object, fields) => {
    const view = decideAs(role, crm, 'read', object).view.of(object);
    const kinds = Object.keys(fields).map((name) => [name, view.field(name)?.treatment.kind]);
    expect(Object.fromEntries(kinds)).toEqual(fields);
    for (const name of Object.keys(fields)) expect([name, view.classifies(name)]).toEqual([name, true]);
  });

  it('shows the privacy officer all, and nobody else', () => {
    for (const role of roles) {
      expect(decideAs(role, SALESFORCE, 'read', 'Contact').view.isClear).toBe(role === 'privacy-officer');
    }
  });

  it('exports in bulk only for the data export officer', () => {
    for (const kind of ['export', 'bulk', 'report'] as const) {
      for (const role of roles) {
        expect(decideAs(role, SALESFORCE, kind, 'Contact').denial?.policy).toBe(
          role === 'data-export-officer' ? undefined : 'no-bulk-export',
        );
      }
    }
  });

  it('shows sales representatives their own people', () => {
    for (const [crm, object, field] of [
      [SALESFORCE, 'Contact', 'OwnerId'],
      [HUBSPOT, 'contacts', 'hubspot_owner_id'],
    ] as const) {
      const { rows } = decideAs('sales-rep', crm, 'read', object).view.of(object);
      expect(rows.map(({ equals }) => equals)).toEqual([[{ field, values: ['7'] }]]);
    }
  });

  it('shows special categories to the highest level, and to nobody below', () => {
    const kind = (level: string) =>
      decideAs('support', SALESFORCE, 'read', 'Contact', { level }).view.of('Contact').field('Diagnosis__c')
        ?.treatment.kind;
    expect(['public', 'confidential', 'strict', 'STRICT'].map(kind)).toEqual([
      'remove',
      'remove',
      undefined,
      'remove',
    ]);
  });

  it('lets those who lead a team in with a second factor, and asks what marketing is for', () => {
    const denial = (role: string, held: Partial<Principal>) =>
      decideAs(role, SALESFORCE, 'read', 'Contact', held).denial?.policy;
    const forMarketing = { purposes: ['marketing.email'], purpose: 'marketing.email' };
    expect(denial('support-lead', forMarketing)).toBe('leads-log-in-with-a-second-factor');
    expect(denial('support-lead', { ...forMarketing, amr: ['mfa'] })).toBeUndefined();
    expect(denial('marketing', {})).toBe('marketing-is-done-by-e-mail');
    expect(denial('marketing', forMarketing)).toBeUndefined();
    expect(denial('support', {})).toBeUndefined();
  });

  it('shows call centers records of their level, and no mail addresses of people elsewhere', () => {
    const { view } = decideAs('call-center', HUBSPOT, 'search', 'contacts', {
      level: 'internal',
      region: 'UK',
    });
    const contacts = view.of('contacts');
    expect(contacts.rows.map(({ equals }) => equals)).toEqual([
      [{ field: 'confidentiality', values: ['public', 'internal'], foldsText: true }],
    ]);
    const inCountry = (country: string) =>
      contacts.field('email')?.perRecord?.of(() => country)?.treatment.kind;
    expect(['España', 'United Kingdom', 'Atlantis'].map(inCountry)).toEqual(['mask', undefined, 'mask']);
  });
});
