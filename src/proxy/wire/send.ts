import type { ServerResponse } from 'node:http';
import type { BodyFilter } from './body-filter.ts';
import { pump } from './pump.ts';
import { isBodyless, sendWhole } from './send-whole.ts';
import { closed, failed, type Sending, type Sent } from './sending.ts';

/**
 * Sends an answer as it comes. An answer that is not whole never ends in order: the connection is destroyed instead, so
 * that no client takes half an answer for all of it.
 */
export async function streamAnswer(response: ServerResponse, sending: Sending): Promise<Sent> {
  const { status, headers, body } = sending;
  if (response.closed || response.destroyed) {
    body.abort();
    return { outcome: 'aborted', bytes: 0 };
  }
  if (isBodyless(response, status)) {
    body.abort();
    sendWhole(response, status, headers);
    return afterClose(response, 0);
  }
  const chunks = body.complete();
  if (
    chunks === undefined ||
    [sending.decode, sending.stage, sending.encode].some((stream) => stream !== undefined)
  ) {
    return pump(response, sending);
  }
  let whole: Buffer;
  try {
    whole = filterWhole(chunks, sending.filter);
    const due = sending.toll?.take();
    if (due !== undefined) await due;
  } catch (error) {
    return failed(error, 0);
  }
  if (response.closed) return { outcome: 'aborted', bytes: 0 };
  sendWhole(response, status, headers, whole);
  return afterClose(response, whole.length);
}

/**
 * Calls back when the client goes away before it was answered, at once if it has gone already.
 * @returns how to stop watching
 */
export function onClientGone(response: ServerResponse, gone: () => void): () => void {
  const onClose = (): void => {
    if (!response.writableFinished) gone();
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return () => response.off('close', onClose);
}

function filterWhole(chunks: readonly Buffer[], filter: BodyFilter | undefined): Buffer {
  const out = filter === undefined ? chunks : [...chunks.map((chunk) => filter.push(chunk)), filter.end()];
  const filled = out.filter((chunk) => chunk.length > 0);
  const [only] = filled;
  return filled.length === 1 && only !== undefined ? only : Buffer.concat(filled);
}

function afterClose(response: ServerResponse, bytes: number): Promise<Sent> {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const settle = (): void => resolve(closed(response, bytes));
  if (response.closed) settle();
  else response.once('close', settle);
  return promise;
}
