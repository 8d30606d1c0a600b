import { describe, expect, it } from 'vitest';
import { createLocatorSeal } from '../../src/enforce/locator.ts';

const KEY = Buffer.alloc(32, 1);
const OLDER = Buffer.alloc(32, 2);
const ANA = { upstream: 'sales', principal: 'jwt:ana' };
const PAGE = { locator: '01gX-2000', continuation: '{"soql":"SELECT Email FROM Contact"}' };
const seal = createLocatorSeal(KEY, [OLDER]);

describe('a sealed locator', () => {
  it('opens for whom it was sealed, and tells nobody what it holds', () => {
    const sealed = seal.seal(ANA, PAGE);
    expect(seal.open(ANA, sealed)).toEqual(PAGE);
    expect(sealed).toMatch(/^pv1\.[\w-]+$/);
    expect(Buffer.from(sealed.slice(4), 'base64url').toString('latin1')).not.toMatch(/01gX|Contact/);
  });

  it('is the same for the same content, as the id of a job must be, and of no other', () => {
    const sealed = seal.seal(ANA, PAGE);
    expect(createLocatorSeal(KEY).seal(ANA, PAGE)).toBe(sealed);
    const others = [
      seal.seal(ANA, { ...PAGE, locator: '01gX-4000' }),
      seal.seal(ANA, { ...PAGE, continuation: '{}' }),
      seal.seal({ ...ANA, principal: 'jwt:jan' }, PAGE),
      seal.seal({ ...ANA, upstream: 'news' }, PAGE),
      createLocatorSeal(OLDER).seal(ANA, PAGE),
    ];
    const nonces = [sealed, ...others].map((text) => text.slice(0, 'pv1.'.length + 16));
    expect(new Set(nonces).size).toBe(6);
  });

  it.each([
    ['another principal', { ...ANA, principal: 'jwt:jan' }],
    ['another CRM', { ...ANA, upstream: 'news' }],
  ])('does not open for %s', (_, owner) => {
    expect(seal.open(owner, seal.seal(ANA, PAGE))).toBeUndefined();
  });

  it.each([
    ['one of the CRM', () => '01gX-2000'],
    ['a mark alone', () => 'pv1.'],
    ['one that is cut off', (sealed: string) => sealed.slice(0, -4)],
    [
      'one with another byte',
      (sealed: string) => `${sealed.slice(0, 30)}${sealed[30] === 'A' ? 'B' : 'A'}${sealed.slice(31)}`,
    ],
  ])('is not %s', (_, change) => {
    expect(seal.open(ANA, change(seal.seal(ANA, PAGE)))).toBeUndefined();
  });

  it('opens after the key was rotated, while the key is kept', () => {
    const sealed = createLocatorSeal(OLDER).seal(ANA, PAGE);
    expect(seal.open(ANA, sealed)).toEqual(PAGE);
    expect(createLocatorSeal(KEY).open(ANA, sealed)).toBeUndefined();
  });
});
