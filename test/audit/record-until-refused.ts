import { openAuditLog } from '../../src/audit/log.ts';
import { PrivetError } from '../../src/errors.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { entryOf, TEST_LIMITS } from '../fixtures/audit.ts';

const store = openEmbedded(process.argv[2] ?? '', TEST_LIMITS);
const log = await openAuditLog({ store, clock: Date.now, limits: TEST_LIMITS });
for (let index = 0; ; index += 1) {
  try {
    await log.record(entryOf(`r${index}`));
    process.stdout.write(`r${index}\n`);
  } catch (error) {
    process.stdout.write(`${error instanceof PrivetError ? error.code : String(error)}\n`);
    break;
  }
}
process.exit(0);
