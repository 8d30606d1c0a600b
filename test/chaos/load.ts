import http from 'node:http';
import https from 'node:https';

/** What became of one request, however it ended. */
export interface Attempt {
  /** Undefined: no answer began. */
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** The answer came to its end, as its framing says. */
  readonly isWhole: boolean;
  readonly error: NodeJS.ErrnoException | undefined;
}

export interface Ask extends https.RequestOptions {
  readonly body?: string | Buffer;
}

/** One request; never rejects. */
export function attempt(url: string, { body, ...options }: Ask = {}): Promise<Attempt> {
  const { promise, resolve } = Promise.withResolvers<Attempt>();
  const chunks: Buffer[] = [];
  let answer: http.IncomingMessage | undefined;
  const settle = (error?: NodeJS.ErrnoException): void =>
    resolve({
      status: answer?.statusCode,
      headers: answer?.headers ?? {},
      body: Buffer.concat(chunks).toString(),
      isWhole: answer?.complete === true && error === undefined,
      error,
    });
  const request = (url.startsWith('https:') ? https : http).request(
    url,
    { agent: false, ...options },
    (begun) => {
      answer = begun;
      begun
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', settle)
        .on('end', () => settle());
    },
  );
  request.on('error', settle).end(body);
  return promise;
}

export interface Load {
  readonly attempts: readonly Attempt[];
  /** Lets the requests under way end. */
  readonly stop: () => Promise<readonly Attempt[]>;
}

/** Sends requests one after the other from `clients` at once, at most about `perSecond` of them, until stopped. */
export function load(
  clients: number,
  perSecond: number,
  ask: (agent: http.Agent, index: number) => Promise<Attempt>,
): Load {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const attempts: Attempt[] = [];
  const pauseMs = (clients * 1000) / perSecond;
  const over = new AbortController();
  let index = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const next = new Promise((done) => setTimeout(done, pauseMs));
      index += 1;
      attempts.push(await ask(agent, index));
      await next;
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    attempts,
    stop: async () => {
      over.abort();
      await running;
      agent.destroy();
      return attempts;
    },
  };
}
