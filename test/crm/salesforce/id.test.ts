import { describe, expect, it } from 'vitest';
import { longId } from '../../../src/crm/salesforce/id.ts';

describe('longId', () => {
  it.each([
    ['the short form', '0035g000000001l'],
    ['the long form', '0035g000000001lAAA'],
    ['the long form in capitals', '0035G000000001LAAA'],
    ['the long form with a suffix in small letters', '0035g000000001laaa'],
  ])('gives %s one spelling', (_, id) => {
    expect(longId(id)).toBe('0035g000000001lAAA');
  });

  it('keeps ids apart that differ in capitals alone', () => {
    expect(longId('0035g00000aBcDe')).toBe('0035g00000aBcDeAAK');
    expect(longId('0035g00000AbCdE')).toBe('0035g00000AbCdEAAV');
    expect(longId('0035G00000ABCDEAAK')).toBe('0035g00000aBcDeAAK');
  });

  it.each(['', 'ana@example.com', '0035g000000001', '0035g000000001lA9A'])('leaves %j as it is', (text) => {
    expect(longId(text)).toBe(text);
  });
});
