import { describe, expect, it } from 'vitest';
import type { RowRule } from '../../../src/model/decision.ts';
import type { Principal } from '../../../src/model/principal.ts';
import { decide, LEVELS, operation, principal, SALESFORCE, snapshotOf } from '../fixture.ts';

function ruleOf(rows: string, held: Partial<Principal>): RowRule {
  const snapshot = snapshotOf(`${LEVELS}policy: p\non: { objects: [Contact] }\nrows: ${rows}\n`);
  const { view } = decide(snapshot, SALESFORCE, principal(held), operation('read'));
  const [rule] = view.of('Contact').rows;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

describe('records by level, region and team', () => {
  it.each([
    ['record.level in principal.levels', { level: 'internal' }, 'Confidentiality__c', ['public', 'internal']],
    ['record.region == principal.region', { region: 'EU' }, 'MailingCountry', ['ES', 'España', 'PL']],
    ['record.region in ["EU", "US"]', {}, 'MailingCountry', ['ES', 'España', 'PL', 'US', 'United States']],
  ])('ask the CRM for the texts that mean it: %s', (rows, held, field, values) => {
    expect(ruleOf(rows, held).equals).toEqual([{ field, values, foldsText: true }]);
  });

  it.each([
    ['record.owner in principal.team', { team: ['1', '2'] }, ['1', '2']],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '0', team: ['1'] },
      ['0', '1'],
    ],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '0', team: [] },
      ['0'],
    ],
    ['record.owner == principal.crmUserId || record.owner in principal.team', { crmUserId: '0' }, ['0']],
    ['record.owner == principal.crmUserId || record.owner in principal.team', { team: ['1'] }, ['1']],
  ])('ask the CRM for owners: %s as %j', (rows, held, values) => {
    expect(ruleOf(rows, held).equals).toEqual([{ field: 'OwnerId', values }]);
  });

  it.each([
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: 'public' }, true],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: ' PUBLIC' }, true],
    [
      'record.level in principal.levels',
      { level: 'internal' },
      { Confidentiality__c: 'confidential' },
      false,
    ],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: 'secret' }, false],
    ['record.level in principal.levels', { level: 'internal' }, { Confidentiality__c: null }, false],
    ['record.level in principal.levels', { level: 'internal' }, {}, false],
    ['record.level in principal.levels', { level: 'boss' }, { Confidentiality__c: 'public' }, false],
    ['record.level in principal.levels', {}, { Confidentiality__c: 'public' }, false],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'espana' }, true],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'United States' }, false],
    ['record.region == principal.region', { region: 'EU' }, { MailingCountry: 'Atlantis' }, false],
    ['record.region == principal.region', {}, { MailingCountry: 'ES' }, false],
    ['record.region != "EU"', {}, { MailingCountry: 'Atlantis' }, false],
    ['record.region != "EU"', {}, { MailingCountry: 'US' }, true],
    ['record.owner in principal.team', { team: ['1'] }, { OwnerId: '1' }, true],
    ['record.owner in principal.team', { team: [] }, { OwnerId: '1' }, false],
    ['record.owner in principal.team', {}, { OwnerId: '1' }, false],
    [
      'record.owner == principal.crmUserId || record.owner in principal.team',
      { crmUserId: '1' },
      { OwnerId: '1' },
      true,
    ],
    [
      'record.level == "public" || record.region == "EU"',
      {},
      { Confidentiality__c: 'public', MailingCountry: 'US' },
      true,
    ],
  ] as const)('%s as %j on %j: %s', (rows, held, record, expected) => {
    const facts: Readonly<Record<string, string | null>> = record;
    expect(ruleOf(rows, held).holds((field) => facts[field])).toBe(expected);
  });

  it.each([
    ['a record of the region', { MailingCountry: 'ES' }, 'redact'],
    ['a record of another', { MailingCountry: 'US' }, undefined],
    ['a record of a country that is in no region', { MailingCountry: 'Atlantis' }, 'redact'],
    ['a record without a country', { MailingCountry: null }, 'redact'],
    ['a record that does not tell', {}, 'redact'],
  ] as const)('treat fields of %s from outside', (_, record, expected) => {
    const snapshot = snapshotOf(
      `${LEVELS}policy: p\nfor: { except: { regions: [EU] } }\non: { objects: [Contact], when: record.region == "EU" }\nshow: { contact.email: redact }\n`,
    );
    const facts: Readonly<Record<string, string | null>> = record;
    const { view } = decide(snapshot, SALESFORCE, principal({ region: 'US' }), operation('read'));
    const perRecord = view.of('Contact').field('Email')?.perRecord;
    expect(perRecord?.of((field) => facts[field])?.treatment.kind).toBe(expected);
    const inside = decide(snapshot, SALESFORCE, principal({ region: 'EU' }), operation('read'));
    expect(inside.view.isClear).toBe(true);
  });
});
