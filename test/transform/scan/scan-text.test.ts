import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { DETECTORS, type Detector } from '../../../src/model/treatment.ts';
import { scanText } from '../../../src/transform/scan/scan-text.ts';

const scan = (text: string, find: readonly Detector[] = DETECTORS) => scanText(text, find, DEFAULT_LIMITS);

describe('e-mail addresses in a text', () => {
  it.each([
    ['plain', 'Write to ana@example.com today', 'Write to [email] today'],
    ['at the end of a sentence', 'Write to ana.lopez+crm@mail.example.co.uk.', 'Write to [email].'],
    ['in brackets', 'Ana <ANA@EXAMPLE.COM>', 'Ana <[email]>'],
    ['several', 'a@x.es;b@y.pl', '[email];[email]'],
    ['letters of any script', 'пишіть на марія@приклад.укр будь ласка', 'пишіть на [email] будь ласка'],
    ['accents, decomposed', 'jose\u0301@espan\u0303a.es!', '[email]!'],
    ['quoted local part', 'x "ana lopez"@example.com y', 'x [email] y'],
    ['address literal', 'root@[192.168.1.10] answered', '[email] answered'],
    ['full-width at sign', 'ana＠example．com', '[email]'],
    ['zero-width characters inside', 'ana\u200b@exam\u00adple.com', '[email]'],
    ['decimal reference', 'ana&#64;example.com', '[email]'],
    ['hex reference', 'ana&#x40;example&#x2e;com', '[email]'],
    ['named references', 'ana&commat;example&period;com', '[email]'],
    ['reference escaped twice', 'ana&amp;#64;example.com', '[email]'],
    ['percent-encoded', 'mailto:ana%40example.com', 'mailto:[email]'],
    ['written out', 'ana (at) example (dot) com', '[email]'],
    ['written out in words', 'ana at example dot com', '[email]'],
    ['written out in Spanish', 'ana [arroba] example [punto] com', '[email]'],
    ['written out in other ways', 'ana(a)example.com, ana [chiocciola] example.it', '[email], [email]'],
    ['written out in Ukrainian', 'ана (собачка) приклад (крапка) укр', '[email]'],
    ['brackets as references', 'ana&lt;at&gt;example.com', '[email]'],
    ['ideographic dots', 'ana@example。co｡jp', '[email]'],
    ['blanks around the sign', 'ana @ example.com', '[email]'],
    [
      'after markup',
      '<a href="mailto:ana@example.com">ana@example.com</a>',
      '<a href="mailto:[email]">[email]</a>',
    ],
  ])('are found: %s', (_, text, expected) => {
    expect(scan(text)).toBe(expected);
  });

  it.each([
    ['a mention', '@ana please call'],
    ['a price', '3 pcs @ 10.50 EUR'],
    ['no domain', 'user@localhost'],
    ['ordinary words', 'Meet me at example.com or look at this'],
    ['nothing at all', 'Плата за договором надійшла вчасно'],
  ])('are not seen in %s', (_, text) => {
    expect(scan(text)).toBe(text);
  });
});

describe('phone numbers in a text', () => {
  it.each([
    ['ES', 'tel. 612 345 678.', 'tel. [phone].'],
    ['ES with code', '+34 612 34 56 78', '[phone]'],
    ['ES with code and no plus', '34612345678', '[phone]'],
    ['ES in brackets', '(+34) 912 345 678', '[phone]'],
    ['PL', 'zadzwoń 501-234-567 po 15', 'zadzwoń [phone] po 15'],
    ['UA', 'телефон (050) 123-45-67', 'телефон [phone]'],
    ['UA with code', '+380 (50) 123 45 67', '[phone]'],
    ['DE', 'Tel.: 030/12345678', 'Tel.: [phone]'],
    ['DE with trunk zero', '+49 (0)30 12345678', '[phone]'],
    ['FR', '06.12.34.56.78', '[phone]'],
    ['IT', '347 1234567', '[phone]'],
    ['GB', '020 7946 0958', '[phone]'],
    ['US', '(415) 555-2671', '[phone]'],
    ["a country that is nobody's default", '+81 3-1234-5678', '[phone]'],
    ['00 for plus', '0034612345678', '[phone]'],
    ['two in a row', '612345678 / 698765432', '[phone] / [phone]'],
    ['two after one another with codes', '+34612345678, +44 20 7946 0958', '[phone], [phone]'],
    ['a year after it', '+34 612 345 678 2024', '[phone] 2024'],
    ['full-width digits', '６１２３４５６７８', '[phone]'],
    ['Arabic-Indic digits', '٦١٢٣٤٥٦٧٨', '[phone]'],
    ['mathematical digits', '𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖', '[phone]'],
    ['no-break and thin spaces', '612\u00a0345\u2009678', '[phone]'],
    ['zero-width spaces', '612\u200b345\u200b678', '[phone]'],
    ['any dash', '612–345−678', '[phone]'],
    ['digits spaced out', 'call 6 1 2 3 4 5 6 7 8 now', 'call [phone] now'],
    ['digits as references', '&#54;12345678', '[phone]'],
    ['a line that ends within it', 'tel. +34 612\n345 678', 'tel. [phone]'],
    ['and the ends of other lines', '+34 612\r\n345 678 +44 20\u20287946 0958', '[phone] [phone]'],
    ['a year on the line below', '+49 30 123456\n2024 war gut', '[phone]\n2024 war gut'],
    ['keycap digits', '6️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣', '[phone]'],
  ])('are found: %s', (_, text, expected) => {
    expect(scan(text, ['phone'])).toBe(expected);
  });

  it.each([
    ['dates', '2024-07-15 2024-07-16, 05.07.2024 12:30'],
    ['dates below each other', '+2024-07-15\n2024-07-16'],
    ['columns of amounts', '7 500\n13 400\n\n612\n345\n678'],
    ['amounts', '1.250,00 EUR of 50000.00'],
    ['a short number', 'call 112, room 4711'],
    ['milliseconds', '1720000000000'],
  ])('are not seen in %s', (_, text) => {
    expect(scan(text, ['phone'])).toBe(text);
  });
});

describe('account and card numbers in a text', () => {
  it.each([
    ['IBAN', 'ES9121000418450200051332', '[iban]'],
    ['IBAN in groups, lower case', 'iban: de89 3704 0044 0532 0130 00.', 'iban: [iban].'],
    ['IBAN with text glued to both ends', 'IBANGB82WEST12345698765432end', 'IBAN[iban]end'],
    [
      'IBAN with no-break spaces',
      'UA21\u00a03223\u00a01300\u00a00002\u00a06007\u00a02335\u00a06600\u00a01',
      '[iban]',
    ],
    ['IBAN over two lines', 'ES91 2100 0418 4502\r\n0005 1332', '[iban]'],
    ['IBAN with tabs', 'ES91\t2100\t0418\t4502\t0005\t1332', '[iban]'],
    ['IBAN with its country apart', 'ES-91 2100 0418 4502 0005 1332', '[iban]'],
    ['card over two lines', '4111 1111\n1111 1111', '[card]'],
    ['card with dashes as references', '4111&ndash;1111&minus;1111&mdash;1111', '[card]'],
    ['card with blanks that are no spaces', '4111\u28001111\u28001111\u28001111', '[card]'],
    ['card', 'card 4111111111111111 ok', 'card [card] ok'],
    ['card in groups', '5500-0000-0000-0004', '[card]'],
    ['card in full-width digits', '４１１１ １１１１ １１１１ １１１１', '[card]'],
    ['card of 15 digits', '3782 822463 10005', '[card]'],
    ['card with its expiry after it', '4111 1111 1111 1111 12/27', '[card] 12/27'],
    ['card with another number before it', '7 4111 1111 1111 1111', '7 [card]'],
  ])('are found: %s', (_, text, expected) => {
    expect(scan(text, ['iban', 'card'])).toBe(expected);
  });

  it.each([
    ['a wrong IBAN check digit', 'ES9221000418450200051332'],
    ['a wrong Luhn digit', '4111111111111112'],
    ['a country without IBANs', 'ZZ9121000418450200051332'],
  ])('are not seen with %s', (_, text) => {
    expect(scan(text, ['iban', 'card'])).toBe(text);
  });
});

describe('national ids in a text', () => {
  it.each([
    ['ES DNI', 'DNI 12345678Z', 'DNI [national-id]'],
    ['ES DNI with dots and dash', '12.345.678-z', '[national-id]'],
    ['ES DNI without its zero', '1234567L', '[national-id]'],
    ['ES DNI behind letters', 'NIF12345678Z, ES12345678Z', 'NIF[national-id], ES[national-id]'],
    ['ES DNI with its letter apart', '12345678 – Z', '[national-id]'],
    ['ES DNI with dashes', '12-345-678-Z', '[national-id]'],
    ['ES DNI over two lines', '12345678\nZ', '[national-id]'],
    ['ES NIE behind letters', 'NIEX1234567L', 'NIE[national-id]'],
    ['ES NIE behind what looks like one', 'L 1234567 Y 1234567 X', 'L 1234567 [national-id]'],
    ['ES NIE', 'X-1234567-L', '[national-id]'],
    ['PL PESEL', 'PESEL: 44051401359', 'PESEL: [national-id]'],
    ['UA РНОКПП', 'ІПН 1759013776', 'ІПН [national-id]'],
    ['DE Steuer-ID', '36 574 261 809', '[national-id]'],
    ['FR NIR', '2 95 10 99 126 111 93', '[national-id]'],
    ['FR NIR of Corsica', `1 85 05 2A 123 456 ${corsicaKey()}`, '[national-id]'],
    ['IT codice fiscale', 'c.f. rccmnl83s18d969h', 'c.f. [national-id]'],
    ['DE Steuer-ID over two lines', 'ID: 36 574\n261 809', 'ID: [national-id]'],
    ['IT codice fiscale in groups', 'RCC MNL 83S18 D969H', '[national-id]'],
    ['IT codice fiscale in groups of any kind', 'RCC.MNL\r\n83S18  D969-H', '[national-id]'],
    ['IT codice fiscale behind letters', 'CFRCCMNL83S18D969H', 'CF[national-id]'],
  ])('are found: %s', (_, text, expected) => {
    expect(scan(text, ['national-id'])).toBe(expected);
  });

  it.each([
    ['ES DNI', '12345678A'],
    ['PL PESEL', '44051401358'],
    ['UA РНОКПП', '1759013777'],
    ['DE Steuer-ID', '36574261808'],
    ['FR NIR', '295109912611194'],
    ['IT codice fiscale', 'RCCMNL83S18D969X'],
  ])('are not seen with a wrong check digit: %s', (_, text) => {
    expect(scan(text, ['national-id'])).toBe(text);
  });
});

/** NIR control key: 97 minus the number modulo 97, with 2A read as 19 (INSEE). */
function corsicaKey(): string {
  return String(97 - (1_850_519_123_456 % 97)).padStart(2, '0');
}

const million = (piece: string) => piece.repeat(Math.ceil(1_000_000 / piece.length)).slice(0, 1_000_000);

describe('a scan', () => {
  it('looks only for what is asked for', () => {
    expect(scan('ana@example.com 612345678', ['phone'])).toBe('ana@example.com [phone]');
  });

  it('names overlapping finds by the surest and shows no end of either', () => {
    expect(scan('ES91 2100 0418 4502 0005 1332')).toBe('[iban]');
    expect(scan('PESEL 44051401359')).toBe('PESEL [national-id]');
  });

  it('leaves every other character as it is', () => {
    const text = '  Ünïcode &amp; “quotes”\r\n\t— ana@example.com —  ６ ';
    expect(scan(text)).toBe(text.replace('ana@example.com', '[email]'));
  });

  it('leaves the empty string empty', () => {
    expect(scan('')).toBe('');
  });

  it('redacts a text over the limit whole, counted in bytes', () => {
    expect(scanText('a'.repeat(10), ['email'], { scanBytesMax: 10 })).toBe('a'.repeat(10));
    expect(scanText('a'.repeat(11), ['email'], { scanBytesMax: 10 })).toBe('[redacted]');
    expect(scanText('ж'.repeat(6), ['email'], { scanBytesMax: 10 })).toBe('[redacted]');
  });

  it.each([
    ['letters', 'a'],
    ['at signs', '@'],
    ['local parts without a domain', 'a.a@'],
    ['domains without an end', '@a.'],
    ['quotes', '"@'],
    ['references', '&#64;a.b'],
    ['ampersands', '&amp;'],
    ['digits', '6'],
    ['digits and blanks', '1 2 3 '],
    ['digits in twos', '12 1 '],
    ['plus and digits', '+1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 '],
    ['00 and digits', '00 1 2 3 4 5 6 '],
    ['ids', '44051401358 '],
    ['IBAN beginnings', 'ES1'],
    ['brackets', '(at '],
    ['blanks', ' '],
    ['words', ' at a dot a'],
    ['full-width digits', '６ '],
    ['combining marks', '6\u0301'],
    ['tags', '6<b>'],
    ['tags without an end', '6<b '],
  ])(
    'takes time in proportion to the text, so that a million %s come to an end',
    (_, piece) => {
      const shown = scanText(million(piece), DETECTORS, { scanBytesMax: 10_000_000 });
      expect(scanText(shown, DETECTORS, { scanBytesMax: 10_000_000 })).toBe(shown);
    },
    60_000,
  );
});

describe('markup', () => {
  it.each([
    [
      'parts an address',
      '<span class=SpellE>ana.lopez</span>@<span class="x">example</span>.com',
      '<span class=SpellE>[email]',
    ],
    ['parts a number', 'tel. <b>612</b> 345 <i>678</i>.', 'tel. <b>[phone]</i>.'],
    ['parts it where there is a line end', 'IBAN ES91<wbr>2100 0418 4502\n<b>0005</b> 1332', 'IBAN [iban]'],
    ['is escaped itself', 'ana&lt;/b&gt;@example.com', '[email]'],
    [
      'stands around it',
      '<p>Tel <b>612345678</b></p><p>ana@example.com</p>',
      '<p>Tel <b>[phone]</b></p><p>[email]</p>',
    ],
    [
      'holds it as well',
      '<a title="612345678" href="tel:+34612345678">612</a>345678',
      '<a title="[phone]" href="tel:[phone]">[phone]',
    ],
    ['parts nothing', '<b>612</b><p>345</p> 678, a<b>b</b>c', '<b>612</b><p>345</p> 678, a<b>b</b>c'],
    ['that is none', '612<x>345</x>678 and 612<b 345 678', '612<x>345</x>678 and 612<b 345 678'],
  ])('%s', (_, text, expected) => {
    expect(scan(text)).toBe(expected);
  });
});

describe('a disguise', () => {
  const INVISIBLE = ['', '', '\u200b', '\u200d', '\u00ad', '\ufeff', '\u2060', '\u0301', '\ufe0f'];
  const disguised = (text: string) =>
    fc
      .tuple(
        ...Array.from(text, (character) => {
          const unit = character.charCodeAt(0);
          const forms = [
            character,
            String.fromCharCode(unit + 0xfee0),
            `&#${unit};`,
            `&#x${unit.toString(16)};`,
          ];
          return fc
            .tuple(fc.constantFrom(...forms), fc.constantFrom(...INVISIBLE))
            .map((pair) => pair.join(''));
        }),
      )
      .map((characters) => characters.join(''));

  it.each([
    ['ana.lopez@example.com', '[email]'],
    ['+34612345678', '[phone]'],
    ['ES9121000418450200051332', '[iban]'],
    ['4111-1111-1111-1111', '[card]'],
    ['12345678Z', '[national-id]'],
    ['RCCMNL83S18D969H', '[national-id]'],
  ])('of %s does not help: full-width forms, references, invisible characters', (value, label) => {
    fc.assert(
      fc.property(disguised(value), (text) => {
        expect(scan(`- ${text} -`)).toBe(`- ${label} -`);
      }),
    );
  });
});
