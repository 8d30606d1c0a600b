import { openEmbedded } from '../../src/store/embedded.ts';

const store = openEmbedded(process.argv[2] ?? '');
await store.write([{ put: 'held', value: Buffer.from('yes') }]);
process.stdout.write('open\n');
setInterval(() => {}, 60_000);
