import { describe, expect, it } from 'vitest';
import { readableMediaType } from '../../src/media/media-type.ts';

describe('a media type', () => {
  it.each([
    ['application/json', 'application/json'],
    [' Application/JSON ; charset=UTF-8', 'application/json'],
    ['application/json;charset="utf-8"; odata.metadata=minimal', 'application/json'],
    ['text/csv; charset=us-ascii', 'text/csv'],
    ['', ''],
  ])('is read from %j', (contentType, type) => {
    expect(readableMediaType(contentType)).toBe(type);
  });

  it.each([
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset="UTF-32LE"',
    'application/json;CHARSET = latin1',
    'application/json; charset=utf-7',
    'application/json; charset=',
  ])('is not read from %j: its bytes say something else to others', (contentType) => {
    expect(readableMediaType(contentType)).toBeUndefined();
  });
});
