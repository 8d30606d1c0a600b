import type { Dispatcher } from 'undici';
import { PrivetError } from '../../errors.ts';

/** Takes what an `AnswerBody` gives. `end` or `error` is called once, last. */
export interface AnswerSink {
  readonly data: (chunk: Buffer) => void;
  readonly end: () => void;
  readonly error: (error: Error) => void;
}

/** The body of an answer as it arrives. Pushes to one sink; keeps little until there is one. */
export interface AnswerBody {
  /**
   * The chunks of the whole body, when all of it has arrived and nobody has taken it: it can then be sent with one
   * write.
   */
  readonly complete: () => readonly Buffer[] | undefined;
  /** Hands over at once what is there, then what comes. To be called once. */
  readonly start: (sink: AnswerSink) => void;
  /** Stops reading from the CRM's socket: at most one more chunk is pushed. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Closes the connection to the CRM unless the body is over. The sink is not called again. */
  readonly abort: () => void;
}

/** What the CRM answered. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; a list where the header was repeated. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
}

/** The writing end of an `AnswerBody`, for the connection that fills it. */
export interface AnswerSource {
  readonly body: AnswerBody;
  readonly data: (chunk: Buffer) => void;
  readonly end: () => void;
  readonly error: (error: Error) => void;
  /** As `body.abort`, but the sink gets the error. */
  readonly cut: () => void;
}

/** Held until a sink is given. Large enough for most answers of a CRM to arrive whole. */
const HELD_BYTES_MAX = 65_536;

type Connection = Pick<Dispatcher.DispatchController, 'pause' | 'resume' | 'abort'>;

export function createAnswerSource(connection: Connection, abortReason: () => Error): AnswerSource {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isPaused = false;
  let sink: AnswerSink | undefined;
  let outcome: 'open' | 'ended' | 'aborted' | Error = 'open';

  const finish = (to: AnswerSink): void => {
    if (outcome === 'ended') to.end();
    else if (outcome instanceof Error) to.error(outcome);
  };
  const body: AnswerBody = {
    complete: () => (outcome === 'ended' && sink === undefined ? held : undefined),
    start: (to) => {
      sink = to;
      const chunks = held;
      held = [];
      for (const chunk of chunks) to.data(chunk);
      if (outcome !== 'open') finish(to);
      else if (!isPaused) connection.resume();
    },
    pause: () => {
      isPaused = true;
      if (outcome === 'open') connection.pause();
    },
    resume: () => {
      isPaused = false;
      if (outcome === 'open') connection.resume();
    },
    abort: () => {
      if (outcome !== 'open') return;
      outcome = 'aborted';
      held = [];
      connection.abort(abortReason());
    },
  };
  return {
    body,
    data: (chunk) => {
      if (outcome !== 'open') return;
      if (sink !== undefined) {
        sink.data(chunk);
        return;
      }
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes >= HELD_BYTES_MAX) connection.pause();
    },
    end: () => {
      if (outcome !== 'open') return;
      outcome = 'ended';
      if (sink !== undefined) finish(sink);
    },
    error: (error) => {
      if (outcome !== 'open') return;
      outcome = error;
      held = [];
      if (sink !== undefined) finish(sink);
    },
    // The connection answers with an error, which comes back through `error`.
    cut: () => {
      if (outcome === 'open') connection.abort(abortReason());
    },
  };
}

/** A small body, whole. @throws PrivetError ANSWER_UNREADABLE over the limit, or whatever cut the answer off */
export function collectBody(body: AnswerBody, bytesMax: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  body.start({
    data: (chunk) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= bytesMax) return;
      body.abort();
      reject(new PrivetError('ANSWER_UNREADABLE', 'It is larger than limits.requestBodyBytesMax.'));
    },
    end: () => resolve(Buffer.concat(chunks, bytes)),
    error: reject,
  });
  return promise;
}
