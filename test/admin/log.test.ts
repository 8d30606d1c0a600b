import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loggedError } from '../../src/admin/log.ts';
import { PrivetError } from '../../src/errors.ts';

const SECRET = 'zoe@example.com';

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('an error that is written down', () => {
  it('keeps its code, its message and where it came from, causes included', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });
    expect(loggedError(new PrivetError('UPSTREAM_UNREACHABLE', undefined, { cause }))).toMatchObject({
      type: 'PrivetError',
      code: 'UPSTREAM_UNREACHABLE',
      message: 'The CRM cannot be reached.',
      stack: expect.arrayContaining([expect.stringMatching(/^at .*log\.test\.ts/)]),
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9' },
    });
  });

  it.each([
    ['a property with what could not be parsed', Object.assign(new Error('Parse error'), { data: SECRET })],
    ['what JSON.parse choked on', thrown(() => JSON.parse(SECRET))],
    ['an argument', thrown(() => Buffer.from('').readUInt8(SECRET as never))],
    [
      'an argument of several lines',
      thrown(() => Buffer.alloc(1).fill(`a\n   at b\n${SECRET}`, 'x' as never)),
    ],
    ['a value of no error', SECRET],
    ['any of these as a cause', new Error('It failed.', { cause: thrown(() => JSON.parse(SECRET)) })],
  ])('never shows %s', (_, error) => {
    expect(inspect(loggedError(error), { depth: null })).not.toContain(SECRET);
  });

  it('ends with causes that go round', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(loggedError(error)).length).toBeLessThan(20_000);
  });
});
