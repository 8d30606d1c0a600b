import { describe, expect, it } from 'vitest';
import { addressesIn } from '../../src/crm/mail-addresses.ts';
import { PrivetError } from '../../src/errors.ts';

describe('addressesIn', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, []],
    ['null', null, []],
    ['an empty text', '', []],
    ['an empty list', [], []],
    ['one address', 'ana@example.com', ['ana@example.com']],
    ['blanks around it', ' ana@example.com\n', ['ana@example.com']],
    [
      'several in one text',
      'ana@example.com,bo@example.com; cy@example.com',
      ['ana@example.com', 'bo@example.com', 'cy@example.com'],
    ],
    ['separators too many', ',ana@example.com,,', ['ana@example.com']],
    ['a list', ['ana@example.com', 'bo@example.com'], ['ana@example.com', 'bo@example.com']],
    ['lists of several', ['ana@example.com,bo@example.com'], ['ana@example.com', 'bo@example.com']],
    ['a display name', 'Ana Ruiz <ana@example.com>', ['ana@example.com']],
    [
      'a quoted display name with a comma',
      '"Ruiz, Ana" <ana@example.com>, bo@example.com',
      ['ana@example.com', 'bo@example.com'],
    ],
    ['a quoted display name with an escaped quote', '"Ana \\", Ruiz" <ana@example.com>', ['ana@example.com']],
    ['brackets alone', '<ana@example.com>', ['ana@example.com']],
    ['a tag', 'ana+news@example.com', ['ana+news@example.com']],
    ['another script and an internationalised domain', 'аня@münchen.example', ['аня@münchen.example']],
    ['capitals, as they are', 'Ana@Example.COM', ['Ana@Example.COM']],
  ])('reads %s', (_, value, addresses) => {
    expect(addressesIn(value)).toEqual(addresses);
  });

  it.each<[string, unknown]>([
    ['a number', 5],
    ['an object', { email: 'ana@example.com' }],
    ['a list within a list', [['ana@example.com']]],
    ['null in a list', [null]],
    ['no address', 'ana'],
    ['two addresses with a blank between', 'ana@example.com bo@example.com'],
    ['two addresses in brackets', '<ana@example.com><bo@example.com>'],
    ['an address beside one in brackets', '<ana@example.com> bo@example.com'],
    ['a bracket too many', 'Ana <<ana@example.com>>'],
    ['a bracket in a quoted display name', '"<bo@example.com>" <ana@example.com>'],
    ['an open quote', '"Ana <ana@example.com>, bo@example.com'],
    ['a quoted local part', '"ana"@example.com'],
    ['a comment', 'ana(home)@example.com'],
    ['a route', '<@relay.example:ana@example.com>'],
    ['a group', 'friends: ana@example.com'],
    ['an address literal', 'ana@[192.0.2.1]'],
    ['the full stop of another script', 'ana@example。com'],
    ['a domain with a dot at its end', 'ana@example.com.'],
    ['an empty label', 'ana@example..com'],
    ['two at signs', 'ana@bo@example.com'],
    ['a zero-width space', 'ana\u200B@example.com'],
    ['a soft hyphen', 'a\u00ADna@example.com'],
    ['a line end within', 'ana@example.com\nbcc:bo@example.com'],
    ['a NUL', 'ana\u0000@example.com'],
    ['a no-break space', 'ana\u00A0@example.com'],
    ['more than an address may be long', `${'a'.repeat(250)}@example.com`],
  ])('refuses %s', (_, value) => {
    expect(() => addressesIn(value)).toThrow(PrivetError);
  });

  it('does not repeat the address in the error', () => {
    expect(() => addressesIn('"ana"@example.com')).toThrow(/^(?!.*ana@?)/);
  });
});
