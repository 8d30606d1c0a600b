import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/model/principal.ts';
import { decide, LEVELS, operation, principal, SALESFORCE, snapshotOf } from '../fixture.ts';

describe('the digest of a view', () => {
  const idOf = (countries: string, held: Partial<Principal> = {}) => {
    const declared = LEVELS.replace('[ES, España, PL]', countries);
    const rows =
      'rows: record.region == "EU" || record.level == principal.level || record.owner in principal.team';
    const snapshot = snapshotOf(`${declared}policy: p\non: { objects: [Contact] }\n${rows}\n`);
    return decide(snapshot, SALESFORCE, principal(held), operation('read')).view.id;
  };

  it('is another where other countries are in a region, or the caller has another level or team', () => {
    const views = [
      idOf('[ES, España, PL]'),
      idOf('[ES, PL]'),
      idOf('[ES, España, PL]', { level: 'internal' }),
      idOf('[ES, España, PL]', { team: ['1'] }),
      idOf('[ES, España, PL]', { team: ['2'] }),
    ];
    expect(new Set(views).size).toBe(views.length);
    expect(idOf('[ES, España, PL]')).toBe(views[0]);
  });
});
