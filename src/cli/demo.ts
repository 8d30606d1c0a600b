import { once } from 'node:events';
import { invitation } from './demo/invitation.ts';
import { ANY_PORTS, openStage, USUAL_PORTS } from './demo/stage.ts';
import { coloursFor } from './demo/text.ts';
import { tour } from './demo/tour.ts';
import type { ExitCode } from './exit-code.ts';

export interface DemoOptions {
  readonly once?: boolean;
}

/** `privet demo`: CRMs, proxy and stores in one process; with `once`, a tour through them that checks itself. */
export function demo(options: DemoOptions): Promise<ExitCode> {
  return options.once === true ? runTour() : runUntilStopped();
}

async function runTour(): Promise<ExitCode> {
  const stage = await openStage(ANY_PORTS);
  const colours = coloursFor(process.stdout.isTTY, process.env['NO_COLOR']);
  try {
    return (await tour(stage, writeLine, colours)) ? 0 : 1;
  } finally {
    await stage.close();
  }
}

async function runUntilStopped(): Promise<ExitCode> {
  const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
  const stage = await openStage(USUAL_PORTS);
  try {
    for (const line of await invitation(stage)) writeLine(line);
    await stopped;
    return 0;
  } finally {
    await stage.close();
  }
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
