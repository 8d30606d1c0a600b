import { describe, expect, it } from 'vitest';
import type { Treatment } from '../../src/model/treatment.ts';
import { maskTransform } from '../../src/transform/mask.ts';

type Mask = Treatment & { kind: 'mask' };
const email: Mask = { kind: 'mask', style: 'email' };
const initials: Mask = { kind: 'mask', style: 'initials' };
const first = (keep: number): Mask => ({ kind: 'mask', style: 'keep-first', keep });
const last = (keep: number): Mask => ({ kind: 'mask', style: 'keep-last', keep });

describe('the e-mail mask', () => {
  it.each([
    ['ana@example.com', 'a***@example.com'],
    ['  ana@example.com ', 'a***@example.com'], // blanks around it say nothing
    ['ana.lopez+crm@mail.example.co.uk', 'a***@mail.example.co.uk'],
    ['a@example.com', '***@example.com'], // a local part of one letter would be shown whole
    ['марія@приклад.укр', 'м***@приклад.укр'],
    ['e\u0301va@example.com', 'e\u0301***@example.com'], // a letter and its accent stay together
    ['🇪🇸ana@example.com', '🇪🇸***@example.com'], // and so do the halves of a flag
    ['a\u200bna@example.com', '***'], // what does not show has no place in an address
    ['ana@example.com; bo@example.org', 'a***@example.com; b***@example.org'],
    ['ana@example.com,bo@example.org', 'a***@example.com; b***@example.org'],
    ['ana@example.com;', 'a***@example.com'],
    [',', '***'], // separators alone are no address
    ['ana@xn--bcher-kva.example', 'a***@xn--bcher-kva.example'],
    ['Ana López <ana@example.com>', '***'], // not plainly an address: nothing shows
    ['call 612345678', '***'],
    ['@ana lopez 612345678', '***'],
    ['ana@612345678', '***'], // a phone number is no domain
    ['ana@612.345.678', '***'],
    ['ana@home@example.com', '***'],
    ['"ana lopez"@example.com', '***'],
    ['ana@localhost', '***'],
    [`${'a'.repeat(400)}@example.com`, '***'],
    [';', '***'],
  ])('%j → %j', (text, expected) => {
    expect(maskTransform(email).string(text)).toBe(expected);
  });
});

describe('the initials mask', () => {
  it.each([
    ['Ana María López', 'A. M. L.'],
    ['  ana   lopez ', 'a. l.'],
    ['Ana', 'A.'],
    ['Óscar Ñúñez', 'Ó. Ñ.'],
    ['O\u0301scar', 'O\u0301.'], // decomposed
    ['Ґалаґан Їжакевич', 'Ґ. Ї.'],
    ['王小明', '王.'],
    ["d'Artagnan (Chair)", 'd. C.'],
    ['Ana 612345678', 'A.'], // digits are nobody's initials
    ['612345678', '***'],
    ['one two three four five six seven eight nine ten eleven', '***'], // not a name
    ['a'.repeat(2_000), '***'],
  ])('%j → %j', (text, expected) => {
    expect(maskTransform(initials).string(text)).toBe(expected);
  });
});

describe('the mask that keeps an end', () => {
  it.each([
    [last(4), '+34612344567', '***4567'],
    [last(4), '4567', '***'], // would be shown whole
    [last(4), '567', '***'],
    [last(4), '34567', '***4567'],
    [last(0), '34567', '***'],
    [last(1), 'Zoe\u0308', '***e\u0308'], // the accent does not count
    [last(1), 'flag 🇪🇸🇺🇦', '***🇺🇦'], // nor does half a flag
    [last(2), 'a\r\nb', '***\r\nb'], // CR LF is one grapheme
    [last(3), '👍🏽👍🏽👍🏽', '***'],
    [first(2), 'ES9121000418', 'ES***'],
    [first(1), 'e\u0301va', 'e\u0301***'],
    [first(1), '🇪🇸🇺🇦', '🇪🇸***'],
    [first(2), 'Zo', '***'],
    [first(0), 'Zo', '***'],
  ])('%o: %j → %j', (treatment, text, expected) => {
    expect(maskTransform(treatment).string(text)).toBe(expected);
  });

  it('reads a long text no longer than a short one', () => {
    const text = 'é'.repeat(4_000_000);
    const mask = maskTransform(last(4));
    const begun = process.cpuUsage();
    for (let run = 0; run < 20; run++) mask.string(text);
    // Reading all of it takes seconds each time.
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000);
  });
});

describe('a mask', () => {
  it('makes null of a number, which it cannot keep a number', () => {
    expect(maskTransform(last(4)).number('34612345678')).toBeNull();
  });

  it.each([
    [email, 'a***@example.org', true], // half-edited
    [email, 'ana@example.org', false],
    [last(4), '600***4567', true],
    [last(4), '+34612344567', false],
    [initials, 'A. M. L.', true],
    [initials, 'J. R. R. Tolkien', false],
    [initials, 'Ana', false],
  ])('%o recognises %j: %s', (treatment, text, expected) => {
    expect(maskTransform(treatment).recognises(text)).toBe(expected);
  });
});
