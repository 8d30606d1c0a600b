/** undici took bytes that came on an idle keep-alive connection for the answer to the next request. */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { ask, closeAll, startProxy } from '../proxy/loopback.ts';

afterEach(closeAll);

it('an answer nobody asked for is given to nobody', async () => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
  const crm = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const path = chunk.toString().split(' ')[1] ?? '';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      setTimeout(() => socket.write(poison), 5);
    });
  });
  crm.listen(0, '127.0.0.1').unref();
  await once(crm, 'listening');
  const proxy = await startProxy(`http://127.0.0.1:${(crm.address() as net.AddressInfo).port}`);
  for (const path of ['/1', '/2', '/3', '/4']) {
    expect((await ask(proxy.url + path)).body.toString()).toBe(path);
    await wait(20);
  }
});
