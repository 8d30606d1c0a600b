import { openJournal } from '../../src/store/journal.ts';

const journal = await openJournal(process.argv[2] ?? '', { storeFreeBytesMin: 0 }, 65_536);
for (;;) {
  const { number } = journal.end();
  const count = (number % 7) + 1;
  await journal.append(
    Array.from({ length: count }, (_, index) => Buffer.from(`record ${number + index + 1}`)),
  );
  process.stdout.write(`${journal.end().number}\n`);
}
