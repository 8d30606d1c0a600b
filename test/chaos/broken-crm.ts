import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { CANARIES } from '../../src/sandbox/sandbox.ts';

/** A CRM that speaks for itself on the socket, so that it can do what no HTTP library would. */
export interface BrokenCrm {
  readonly url: string;
  /** Answers one request. Changed between requests. */
  behaviour: Behaviour;
  /** Requests begun so far. */
  readonly requests: () => number;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

export type Behaviour = (socket: Socket) => void;

export async function startBrokenCrm(): Promise<BrokenCrm> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let read = '';
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      read += chunk.toString('latin1');
      if (!read.includes('\r\n\r\n')) return;
      read = '';
      requests += 1;
      crm.behaviour(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const crm: BrokenCrm = {
    url: `http://127.0.0.1:${address.port}`,
    behaviour: (socket) => socket.end(answer(page(1))),
    requests: () => requests,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return crm;
}

/** A page of a query, every record with values that are hidden from support. */
export function page(records: number): Buffer {
  const record = (index: number) => ({
    attributes: { type: 'Contact', url: `/services/data/v59.0/sobjects/Contact/003${index}` },
    Id: `003${index}`,
    Email: CANARIES.email,
    Phone: CANARIES.phone,
    MobilePhone: CANARIES.mobile,
    NIF__c: CANARIES.nationalId,
    IBAN__c: CANARIES.iban,
    Description: `${CANARIES.email} ${CANARIES.iban}`,
  });
  const list = Array.from({ length: records }, (_, index) => record(index));
  return Buffer.from(JSON.stringify({ totalSize: records, done: true, records: list }));
}

/** A well-formed answer, with these headers on top of or in place of its own. */
export function answer(body: Buffer, headers: Readonly<Record<string, string | undefined>> = {}): Buffer {
  const all = {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': String(body.length),
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined);
  const head = ['HTTP/1.1 200 OK', ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

const SMALL = page(3);
/** More than Privet holds before it begins to send. */
const LARGE = page(4_000);
const NO_LENGTH = { 'content-length': undefined };

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length >> 1);
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** Says this and breaks the connection off. */
const cutAfter =
  (bytes: Buffer): Behaviour =>
  (socket) =>
    void socket.write(bytes, () => socket.destroy());

const resetAfter =
  (bytes: Buffer): Behaviour =>
  (socket) =>
    void socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 20));

/** Says this and then nothing more. */
const stallAfter =
  (bytes: Buffer): Behaviour =>
  (socket) =>
    void socket.write(bytes);

const say =
  (bytes: Buffer): Behaviour =>
  (socket) =>
    void socket.write(bytes);

const CHUNKED = { ...NO_LENGTH, 'transfer-encoding': 'chunked' };

/** Answers whose framing is broken: whoever may see everything notices them too. */
export const CUT: readonly (readonly [string, Behaviour])[] = [
  ['cuts before its headers', (socket) => socket.destroy()],
  ['cuts within its headers', cutAfter(Buffer.from('HTTP/1.1 200 OK\r\ncontent-ty'))],
  ['cuts a small body', cutAfter(half(answer(SMALL)))],
  ['cuts a large body', cutAfter(half(answer(LARGE)))],
  ['resets within a body', resetAfter(half(answer(LARGE)))],
  ['cuts between chunks', cutAfter(answer(chunk(half(LARGE)), CHUNKED))],
  ['cuts within a chunk', cutAfter(answer(half(chunk(SMALL)), CHUNKED))],
  ['sends a chunk size that is none', say(answer(Buffer.from(`zz\r\n${CANARIES.email}`), CHUNKED))],
  ['announces more than it sends', cutAfter(answer(SMALL, { 'content-length': String(SMALL.length + 1) }))],
  [
    'says length and chunks',
    say(answer(chunk(SMALL), { 'content-length': '9', 'transfer-encoding': 'chunked' })),
  ],
  ['does not speak HTTP', say(Buffer.from(`220 ${CANARIES.email} ESMTP\r\n`))],
  ['breaks its headers', say(Buffer.from(`HTTP/1.1 200 OK\r\n${CANARIES.email}\r\n\r\n`))],
  ['never ends its headers', endlessHeaders],
  ['stalls before its headers', stallAfter(Buffer.alloc(0))],
  ['stalls within its headers', stallAfter(Buffer.from('HTTP/1.1 200 OK\r\n'))],
  ['stalls within a small body', stallAfter(half(answer(SMALL)))],
  ['stalls within a large body', stallAfter(half(answer(LARGE)))],
];

/** Answers that are framed well and cannot be inspected. */
export const GARBAGE: readonly (readonly [string, Behaviour])[] = [
  ['answers words instead of JSON', say(answer(Buffer.from(`Sorry, ${CANARIES.email}.`)))],
  ['stops within its JSON', say(answer(half(SMALL)))],
  ['stops within much JSON', say(answer(half(LARGE)))],
  ['announces less than it sends', say(answer(SMALL, { 'content-length': String(SMALL.length - 9) }))],
  ['ends a body without length early', cutAfter(answer(half(SMALL), { ...NO_LENGTH, connection: 'close' }))],
  ['answers HTML', say(answer(Buffer.from(`<p>${CANARIES.email}`), { 'content-type': 'text/html' }))],
  ['answers two documents', say(answer(Buffer.concat([SMALL, SMALL])))],
  ['answers in UTF-16', say(answer(Buffer.from(SMALL.toString(), 'utf16le')))],
  [
    'answers bytes that are not UTF-8',
    say(answer(Buffer.concat([half(SMALL), Buffer.of(0xff), half(SMALL)]))),
  ],
  [
    'nests deeper than 64 levels',
    say(answer(Buffer.from(`${'['.repeat(99)}"${CANARIES.email}"${']'.repeat(99)}`))),
  ],
  ['sends gzip that is none', say(answer(SMALL, { 'content-encoding': 'gzip' }))],
  ['stops within its gzip', say(answer(half(gzipSync(SMALL)), { 'content-encoding': 'gzip' }))],
  ['damages its gzip', say(answer(damaged(gzipSync(LARGE)), { 'content-encoding': 'gzip' }))],
  ['names an unknown coding', say(answer(SMALL, { 'content-encoding': 'rot13' }))],
  ['sends a bomb', say(answer(bomb(), { 'content-encoding': 'gzip' }))],
];

function endlessHeaders(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\n');
  const line = `x-more: ${'a'.repeat(1_000)}\r\n`;
  const more = (): void => {
    if (!socket.destroyed) socket.write(line, () => setImmediate(more));
  };
  more();
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0, copy.length >> 1, (copy.length >> 1) + 64);
  return copy;
}

/** 200 MB of white space within JSON, in 200 kB. */
function bomb(): Buffer {
  return gzipSync(
    Buffer.concat([Buffer.from('{"records":['), Buffer.alloc(200_000_000, ' '), Buffer.from(']}')]),
  );
}
