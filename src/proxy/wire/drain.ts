import type { Server } from 'node:http';
import type { Turns } from './turns.ts';

/** How often connections that have become idle are looked for while draining. */
const DRAIN_INTERVAL_MS = 50;

export interface Draining {
  /** Takes no more connections and settles when the last one has ended. */
  readonly close: () => Promise<unknown>;
  /** What still runs is cut off then, or when `hurry` is aborted. */
  readonly timeoutMs: number;
  readonly hurry: AbortSignal | undefined;
}

/** Closes a server once its running requests have ended. */
export async function drain(
  server: Server,
  turns: Turns,
  { close, timeoutMs, hurry }: Draining,
): Promise<void> {
  const idle = setInterval(() => {
    server.closeIdleConnections();
    turns.closeUnused();
  }, DRAIN_INTERVAL_MS);
  const cut = (): void => {
    server.closeAllConnections();
    turns.closeUnused();
    turns.closeAccepted();
  };
  const timer = setTimeout(cut, timeoutMs);
  hurry?.addEventListener('abort', cut, { once: true });
  try {
    await close();
  } finally {
    clearInterval(idle);
    clearTimeout(timer);
    hurry?.removeEventListener('abort', cut);
  }
}
