import { openAuditLog } from '../../src/audit/log.ts';
import { PrivetError } from '../../src/errors.ts';
import { openJournal } from '../../src/store/journal.ts';
import { entryOf, TEST_LIMITS } from '../fixtures/audit.ts';

const journal = await openJournal(process.argv[2] ?? '', TEST_LIMITS);
const log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS });
let wasRefused = false;
/** Records until the disk refuses, then until it takes one more; says what became of each. */
for (let index = 0; ; index += 1) {
  try {
    await log.record(entryOf(`r${index}`));
    process.stdout.write(`r${index}\n`);
    if (wasRefused) break;
  } catch (error) {
    process.stdout.write(`${error instanceof PrivetError ? error.code : String(error)}\n`);
    wasRefused = true;
  }
}
await log.close();
await journal.close();
