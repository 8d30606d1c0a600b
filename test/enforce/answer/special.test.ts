import { describe, expect, it } from 'vitest';
import { createCounts } from '../../../src/enforce/answer/counts.ts';
import { createSpecials, type Specials } from '../../../src/enforce/answer/special.ts';

function specials(over: Partial<Specials> = {}): ReturnType<typeof createSpecials> {
  return createSpecials({
    adapter: {} as Specials['adapter'],
    operation: {} as Specials['operation'],
    guarded: true,
    sealed: true,
    counts: undefined,
    seal: () => 'sealed',
    leadBack: (url) => (url.startsWith('https://crm.example/') ? url.replace('crm', 'proxy') : undefined),
    scan: (text) => text.replaceAll('ana@customer.example', '[email]'),
    ...over,
  });
}

describe('a value of an answer that is no field', () => {
  it.each([
    ['url', 'https://crm.example/a?page=2', 'https://proxy.example/a?page=2'],
    ['url', 'https://elsewhere.example/', undefined],
    ['url', '/a?page=2', undefined],
    ['url', '?page=2', undefined],
    ['url', 'Write to ana@customer.example', 'Write to [email]'],
    ['url', 'ana@customer.example', '[email]'],
    ['count', '12', undefined],
    ['count', 'ana@customer.example', '[email]'],
    ['text', 'ana@customer.example', '[email]'],
    ['text', 'nobody', undefined],
  ] as const)('%s %j becomes %j', (kind, text, shown) => {
    expect(specials()(kind, text, 0)).toBe(shown);
  });

  it('stays where nothing is hidden, but leads back', () => {
    const special = specials({ guarded: false });
    expect(special('url', 'ana@customer.example', 0)).toBeUndefined();
    expect(special('count', 'ana@customer.example', 0)).toBeUndefined();
    expect(special('url', 'https://crm.example/', 0)).toBe('https://proxy.example/');
  });

  it.each(['12', '1 of 12', 'ana@customer.example'])('is no count where records are left out: %s', (text) => {
    expect(specials({ counts: createCounts() })('count', text, 0)).toBeNull();
  });
});
