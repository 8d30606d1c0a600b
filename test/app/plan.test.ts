import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planHouse } from '../../src/app/plan.ts';

describe('the plan of a house', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'privet-plan-'));
    mkdirSync(join(directory, 'policies'));
    mkdirSync(join(directory, 'shared'));
    writeFileSync(
      join(directory, 'policies', 'own.yaml'),
      'policy: own\nfor: { roles: [suport] }\ndeny: No.\n',
    );
    writeFileSync(join(directory, 'shared', 'shared.yaml'), 'policy: shared\ndeny: No.\n');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function plan(policies: Readonly<Record<string, unknown>>) {
    const file = join(directory, 'config.yaml');
    const upstreams = [{ name: 'sales', crm: 'salesforce', url: 'https://acme.my.salesforce.com' }];
    writeFileSync(file, JSON.stringify({ upstreams, identity: [{ crm: {} }], policies }));
    return planHouse(file, {});
  }

  it('includes shipped packs by name and other directories by path', async () => {
    const include = ['packs/salesforce', './shared'];
    expect((await plan({ include })).plan?.policies).toMatchObject({
      policies: [{ id: 'own' }, { id: 'shared' }],
    });
    expect((await plan({ include: [join(directory, 'shared')] })).plan?.policies.policies).toHaveLength(2);
  });

  it('knows the roles that there are', async () => {
    expect((await plan({ roles: ['support'] })).problems).toMatchObject([
      { message: expect.stringContaining('"suport"') },
    ]);
  });
});
