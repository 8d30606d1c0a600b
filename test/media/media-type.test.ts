import { describe, expect, it } from 'vitest';
import { isJsonType, lacksHeader, parseMediaType } from '../../src/media/media-type.ts';

describe('parseMediaType', () => {
  it.each([
    ['', '', true],
    ['application/json', 'application/json', true],
    ['APPLICATION/JSON ; Charset=UTF-8', 'application/json', true],
    ['application/json;charset="utf-8"', 'application/json', true],
    ['application/json; charset=us-ascii; odata.metadata=minimal', 'application/json', true],
    ['application/json; charset=utf-16', 'application/json', false],
    ['application/json; charset="utf-16"', 'application/json', false],
    ["application/json; charset='utf-8'", 'application/json', false],
    ["application/json; charset*=utf-8''utf-16", 'application/json', false],
    ['application/json; charset=utf-8; charset=utf-16', 'application/json', false],
    ['application/json; charset=', 'application/json', false],
    ['application/json; charset = utf-7', 'application/json', false],
  ])('%j', (header, type, isUtf8) => {
    expect(parseMediaType(header)).toEqual({ type, isUtf8 });
  });

  it.each([
    ['application/json', true],
    ['application/vnd.crm.v2+json', true],
    ['text/json', false],
    ['application/json-seq', false],
    ['application/json, text/plain', false],
    ['', false],
  ])('%j is JSON: %s', (type, expected) => {
    expect(isJsonType(type)).toBe(expected);
  });

  it.each([
    ['text/csv', false],
    ['text/csv; header=present; charset=utf-8', false],
    ['text/csv;header=absent', true],
    ['text/csv; charset=utf-8; Header = "Absent"', true],
  ])('%j lacks a header row: %s', (header, expected) => {
    expect(lacksHeader(header)).toBe(expected);
  });
});
