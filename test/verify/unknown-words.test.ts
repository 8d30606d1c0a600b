import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/model/principal.ts';
import { unknownWords } from '../../src/verify/unknown-words.ts';

const principal = (held: Partial<Principal>): Principal => ({
  id: 'ana',
  roles: [],
  purposes: [],
  via: 'none',
  ...held,
});
const NAMED = {
  declared: {},
  named: new Map([
    ['role', new Set(['support'])],
    ['purpose', new Set(['marketing'])],
  ] as const),
};

describe('words of a principal that nothing knows', () => {
  it.each([
    ['a role that policies name', { roles: ['support'] }],
    ['a role that the configuration names', { roles: ['sales'] }],
    ['a purpose below one that policies name', { purposes: ['marketing.email'] }],
    ['a kind of word that nothing names', { level: 'strict', region: 'EU' }],
  ])('are not %s', (_, held) => {
    expect(unknownWords(principal(held), NAMED, [{ kind: 'role', word: 'sales' }])).toEqual([]);
  });

  it('are those that neither a policy nor the configuration names', () => {
    expect(unknownWords(principal({ roles: ['suport', 'x'], purposes: ['market'] }), NAMED, [])).toEqual([
      'neither a policy nor the configuration names the role "suport"; did you mean "support"?',
      'neither a policy nor the configuration names the role "x"',
      'neither a policy nor the configuration names the purpose "market"',
    ]);
  });

  it('are those that are not declared, where words of the kind are', () => {
    const snapshot = {
      ...NAMED,
      declared: { roles: new Map([['support', ['support']]]), levels: ['public'] },
    };
    expect(unknownWords(principal({ roles: ['support', 'suport'], level: 'pubic' }), snapshot, [])).toEqual([
      'found unknown role "suport", expected one of support; did you mean "support"?',
      'found unknown level "pubic", expected one of public; did you mean "public"?',
    ]);
  });
});
