import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Queue {
  last: ServerResponse;
  waiting: number;
}

/** The answers under way, by connection. */
export interface Turns {
  /** Runs the request at once, or when the one before it on its connection has been answered; not after `conclude`. */
  readonly take: (response: ServerResponse, run: () => void) => void;
  /**
   * Writes a last refusal to a connection, once, when the requests before it have been answered, so that it is not
   * taken for one of their answers. If the body of the last request is what is broken, the refusal is the answer to it;
   * if that answer has begun, or others come first, the connection is closed instead.
   */
  readonly conclude: (socket: Duplex, write: () => void) => void;
  /** Notes a new connection. */
  readonly opened: (socket: Duplex) => void;
  /**
   * Notes the connection under a TLS one: until its handshake is done, Node does not know it as one of the server's.
   */
  readonly accepted: (socket: Duplex) => void;
  readonly closeAccepted: () => void;
  /** Closes connections that never sent a request: Node does not count them as idle. */
  readonly closeUnused: () => void;
}

/**
 * Pipelined requests of one connection run one after the other: in parallel, a POST could overtake the POST before it
 * (RFC 9112 section 9.3.2), and Node would take any number of them.
 * @param waitingMax requests that may wait on one connection; more close it
 */
export function createTurns(waitingMax: number): Turns {
  const queues = new WeakMap<Duplex, Queue>();
  const unused = new Set<Duplex>();
  const accepted = new Set<Duplex>();
  const concluded = new WeakSet<Duplex>();
  const note = (socket: Duplex, among: Set<Duplex>): void => {
    among.add(socket);
    socket.once('close', () => among.delete(socket));
  };
  return {
    take: (response, run) => {
      const { socket } = response.req;
      if (concluded.has(socket)) return;
      const queue = queues.get(socket);
      if (queue === undefined) {
        queues.set(socket, { last: response, waiting: 0 });
        unused.delete(socket);
        run();
        return;
      }
      const before = queue.last;
      queue.last = response;
      if (!isUnanswered(before)) {
        run();
        return;
      }
      queue.waiting += 1;
      if (queue.waiting > waitingMax) {
        socket.destroy();
        return;
      }
      before.once('close', () => {
        queue.waiting -= 1;
        if (!socket.destroyed) run();
      });
    },
    conclude: (socket, write) => {
      if (concluded.has(socket)) return;
      concluded.add(socket);
      const { last, waiting } = queues.get(socket) ?? { last: undefined, waiting: 0 };
      const isBroken = last !== undefined && !last.req.complete;
      if (isBroken && (last.headersSent || waiting > 0)) socket.destroy();
      else if (last === undefined || isBroken || !isUnanswered(last)) write();
      else
        last.once('close', () => {
          if (socket.writable) write();
        });
    },
    opened: (socket) => note(socket, unused),
    accepted: (socket) => note(socket, accepted),
    closeAccepted: () => {
      for (const socket of accepted) socket.destroy();
    },
    closeUnused: () => {
      for (const socket of unused) socket.destroy();
    },
  };
}

function isUnanswered(response: ServerResponse): boolean {
  return !response.writableFinished && !response.destroyed;
}
