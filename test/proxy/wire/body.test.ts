import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { hasBody, readBody } from '../../../src/proxy/wire/body.ts';

function request(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

describe('reading a request body', () => {
  it.each([[[]], [['abc']], [['a', 'b', 'c']]])('gives %j as one', async (chunks) => {
    const stream = request();
    const body = readBody(stream, 10);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    expect((await body).toString()).toBe(chunks.join(''));
  });

  it('takes exactly the limit', async () => {
    const stream = request({ 'content-length': '3' });
    const body = readBody(stream, 3);
    stream.end('abc');
    expect(await body).toHaveLength(3);
  });

  it.each([
    ['announces', { 'content-length': '11' }],
    ['sends', {}],
  ])('refuses a client that %s more than the limit', async (_, headers: Record<string, string>) => {
    const stream = request(headers);
    const body = readBody(stream, 10);
    stream.write('x'.repeat(11));
    await expect(body).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  });

  it('refuses a body that ends early', async () => {
    const stream = request({ 'content-length': '10' });
    const body = readBody(stream, 10);
    stream.write('x');
    stream.destroy();
    await expect(body).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it.each([
    [{}, false],
    [{ 'content-length': '0' }, false],
    [{ 'content-length': '1' }, true],
    [{ 'transfer-encoding': 'chunked' }, true],
  ])('with %j there is one: %s', (headers, expected) => {
    expect(hasBody(request(headers))).toBe(expected);
  });
});
