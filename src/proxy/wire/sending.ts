import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnswerBody } from './answer.ts';
import type { BodyFilter } from './body-filter.ts';
import type { Headers } from './headers.ts';
import type { Toll } from './toll-stage.ts';

/** An answer on its way to the client. */
export interface Sending {
  readonly status: number;
  /** As they leave. `content-length` is set here when the length is known before the first byte. */
  readonly headers: Headers;
  readonly body: AnswerBody;
  /** Takes the content coding off before `filter`. */
  readonly decode?: Duplex;
  readonly filter?: BodyFilter;
  /** Awaited before anything that `filter` returned may leave. */
  readonly toll?: { readonly take: Toll; readonly windowBytesMax: number };
  /** In place of `filter`, when rewriting has to wait for something. */
  readonly stage?: Duplex;
  /** Puts a content coding on after `filter`. */
  readonly encode?: Duplex;
}

/** What became of an answer. */
export interface Sent {
  /** `aborted`: the client went away. `failed`: the CRM's answer broke off or could not be rewritten. */
  readonly outcome: 'complete' | 'aborted' | 'failed';
  /** Bytes of the body handed to the client's connection. */
  readonly bytes: number;
  /** Why it failed. Where `headersSent` of the response is still false, another answer can be given. */
  readonly error?: Error;
}

/** How an answer failed. */
export function failed(error: unknown, bytes: number): Sent {
  const cause = error instanceof Error ? error : new Error('Not an error was thrown.', { cause: error });
  return { outcome: 'failed', bytes, error: cause };
}

/** How an answer ended whose connection is closed. */
export function closed({ writableFinished }: ServerResponse, bytes: number): Sent {
  return { outcome: writableFinished ? 'complete' : 'aborted', bytes };
}
