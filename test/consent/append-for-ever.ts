import { openEmbedded } from '../../src/store/embedded.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';
import { NOON, registryOver } from '../fixtures/consent.ts';

/** Appends until it is killed; a line for every call that was acknowledged. */
const store = openEmbedded(process.argv[2] ?? '', TEST_LIMITS);
const registry = await registryOver(store);
for (let call = 0; ; call++) {
  const events = Array.from({ length: 10 }, (_, index) => ({
    who: { record: `sales::${process.pid}-${call % 5}-${index}`, email: `person${index}@acme.example` },
    purpose: `p${process.pid}.${call}`,
    state: 'objected' as const,
    at: NOON - 1,
    source: 'import',
  }));
  await registry.append(events);
  process.stdout.write(`${JSON.stringify(events)}\n`);
}
