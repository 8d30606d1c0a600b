/**
 * The client of the bench: keeps connections busy, one request at a time each, and looks at no more of an answer than its status, its
 * length and its end. A client that parses answers properly takes as much of the two cores as the proxy it measures.
 */
import net from 'node:net';
import { serveBench } from './worker.ts';

/** What to send, and for how long. */
export interface Job {
  readonly port: number;
  readonly target: string;
  readonly headers: readonly string[];
  readonly connections: number;
  /** 0: one request a connection. */
  readonly durationMs: number;
}

export interface Result {
  readonly requests: number;
  readonly bytes: number;
  readonly durationMs: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function drive(job: Job, until: number, onAnswer: (bytes: number) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lines = [`GET ${job.target} HTTP/1.1`, `host: 127.0.0.1:${job.port}`, ...job.headers];
  const request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const socket = net.connect(job.port, '127.0.0.1');
  let bytes = 0;
  /** Bytes the whole answer has; -1 while unknown, because its end is a chunk of nothing. */
  let length = -1;
  let tail = Buffer.alloc(0);

  const readHead = (chunk: Buffer): void => {
    const end = chunk.indexOf(HEAD_END);
    const head = chunk.toString('latin1', 0, end).toLowerCase();
    if (end < 0 || !head.startsWith('http/1.1 200'))
      throw new Error(`unexpected answer: ${head.slice(0, 200)}`);
    const announced = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    length = announced === undefined ? -1 : end + HEAD_END.length + Number(announced);
  };
  const isOver = (chunk: Buffer): boolean => {
    if (length >= 0) return bytes >= length;
    tail = Buffer.concat([tail, chunk.subarray(-LAST_CHUNK.length)]).subarray(-LAST_CHUNK.length);
    return tail.equals(LAST_CHUNK);
  };
  const send = (): void => {
    bytes = 0;
    length = -1;
    tail = Buffer.alloc(0);
    socket.write(request);
  };
  socket
    .setNoDelay(true)
    .on('connect', send)
    .on('data', (chunk) => {
      try {
        if (bytes === 0) readHead(chunk);
      } catch (error) {
        reject(error);
        socket.destroy();
        return;
      }
      bytes += chunk.length;
      if (!isOver(chunk)) return;
      onAnswer(bytes);
      if (performance.now() < until) send();
      else socket.end(resolve);
    })
    .on('error', reject)
    .on('close', () => reject(new Error('The proxy closed a connection.')));
  return promise;
}

async function run(job: Job): Promise<Result> {
  const startedAt = performance.now();
  let requests = 0;
  let bytes = 0;
  const connections = Array.from({ length: job.connections }, () =>
    drive(job, startedAt + job.durationMs, (answer) => {
      requests++;
      bytes += answer;
    }),
  );
  await Promise.all(connections);
  return { requests, bytes, durationMs: performance.now() - startedAt };
}

serveBench('ready', (job) => run(job as Job));
