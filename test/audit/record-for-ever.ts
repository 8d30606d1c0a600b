import { openAuditLog } from '../../src/audit/log.ts';
import { openJournal } from '../../src/store/journal.ts';
import { entryOf, TEST_LIMITS } from '../fixtures/audit.ts';

const [path = '', prefix = ''] = process.argv.slice(2);
const journal = await openJournal(path, TEST_LIMITS);
const log = await openAuditLog({ journal, clock: Date.now, limits: TEST_LIMITS });
let next = 0;
/** Records one event after the other and says which are acknowledged. */
async function work(): Promise<void> {
  for (;;) {
    next += 1;
    const id = `${prefix}-${next}`;
    await log.record(entryOf(id));
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 50 }, work));
