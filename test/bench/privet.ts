/** Privet with its configuration (first argument), in a process that says what it uses. */
import { openHouse } from '../../src/app/app.ts';
import { planHouse } from '../../src/app/plan.ts';
import { formatProblem } from '../../src/document/problem.ts';
import { serveUsage } from './worker.ts';

const { plan, problems } = await planHouse(process.argv[2] ?? '', process.env);
if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'));
const house = await openHouse(plan);
serveUsage(house.proxy.port);
