import { openEmbedded } from '../../src/store/embedded.ts';
import { TEST_LIMITS } from '../fixtures/audit.ts';

const store = openEmbedded(process.argv[2] ?? '', TEST_LIMITS);
await store.write([{ put: 't/held', value: Buffer.from('yes') }]);
process.stdout.write('open\n');
setInterval(() => {}, 60_000);
