import { expect, it } from 'vitest';
import { CANARIES, startSandbox } from '../../src/sandbox/sandbox.ts';

it.each(['salesforce', 'hubspot'] as const)(
  'every canary stands in the data of %s, in one person only',
  async (crm) => {
    const planted = await startSandbox({ crm, people: 30, canary: 12 });
    const plain = await startSandbox({ crm, people: 30 });
    const missing = Object.entries(CANARIES).filter(([, canary]) => !planted.data.text().includes(canary));
    expect(missing).toEqual([]);
    expect(Object.values(CANARIES).filter((canary) => plain.data.text().includes(canary))).toEqual([]);
    expect(planted.data.people.filter(({ firstName }) => firstName === CANARIES.firstName)).toHaveLength(1);
    await Promise.all([planted.close(), plain.close()]);
  },
);
