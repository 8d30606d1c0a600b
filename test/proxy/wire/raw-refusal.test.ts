import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { createListener } from '../../../src/proxy/wire/listener.ts';
import { closeAll, exchangeRaw } from '../loopback.ts';

afterEach(closeAll);

describe('what is refused before it is a request', () => {
  it.each([
    ['REQUEST_MALFORMED', 'hello\r\n\r\n'],
    ['UPGRADE_REFUSED', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['REQUEST_MALFORMED', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: miracles\r\n\r\n'],
  ])('is in the log under the id that the client is told: %s', async (code, bytes) => {
    const logged: unknown[] = [];
    const listener = await createListener({
      listen: { host: '127.0.0.1', port: 0 },
      limits: DEFAULT_LIMITS,
      logger: { info: (what: unknown) => logged.push(what), error: () => undefined },
      handle: () => undefined,
    });
    const { port } = await listener.listen();
    const reply = await exchangeRaw(port, bytes);
    await listener.close();
    const requestId = /x-privet-request-id: (\S+)/.exec(reply)?.[1];
    expect(logged.at(-1)).toEqual({ requestId, code });
  });
});
