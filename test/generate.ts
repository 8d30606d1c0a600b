/** `npm run generate`: writes what is made of sources that the product itself does not read. */
import { writeFileSync } from 'node:fs';
import { assembleRuns, RUNS_FILE } from './media/runs/assemble.ts';

writeFileSync(RUNS_FILE, await assembleRuns());
