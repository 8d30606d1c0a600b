import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { type ByteEdit, DECLINED, UNCHANGED } from '../../../src/media/byte-edit.ts';
import { DETECTORS, type Detector } from '../../../src/model/treatment.ts';
import { createScanEdit } from '../../../src/transform/scan/bytes/scan-edit.ts';
import { scanText } from '../../../src/transform/scan/scan-text.ts';

type Edit = Pick<ByteEdit, 'roomFor' | 'write'>;

/** What an edit makes of what stands between other bytes; undefined where it declines. */
function edited(edit: Edit, text: string): string | undefined {
  const around = Buffer.from(`9@${text}@9`);
  const end = around.length - 2;
  const to = Buffer.alloc(edit.roomFor(end - 2) + 1);
  const length = edit.write(around, 2, end, to, 1);
  if (length === DECLINED) return undefined;
  return length === UNCHANGED ? text : to.toString('utf8', 1, length);
}

/** What the scan by bytes makes of a text; undefined where it leaves it to the scan of texts. */
function scanBytes(
  text: string,
  find: readonly Detector[] = DETECTORS,
  limits = DEFAULT_LIMITS,
): string | undefined {
  return edited(createScanEdit(find, limits), text);
}

/** The same of the content of a JSON string. */
function scanEscaped(content: string, limits = DEFAULT_LIMITS): string | undefined {
  const { escaped } = createScanEdit(DETECTORS, limits);
  if (escaped === undefined) throw new Error('Escapes are not read');
  return edited(escaped, content);
}

const VALUES = [
  'ana.lopez@example.com',
  'a@b.co.uk',
  '"ana lopez"@example.com',
  'root@[192.168.1.10]',
  'x@пошта.укр',
  'x@xn--80a.xn--p1ai',
  'ana at example dot com',
  'ana [at] example (dot) com',
  'ana%40example%2ecom',
  'ana\\u0040example.com',
  'марія(собака)приклад.укр',
  '+34 612 345 678',
  '0034612345678',
  '(050) 123-45-67',
  '05.07.2024',
  '2024-07-15',
  '1/2/2024 612345678',
  'ES9121000418450200051332',
  'DE89 3704 0044 0532 0130 00',
  'UA21 3223 1300 0002 6007 2335 6600 1',
  'GB82WEST12345698765432',
  '4111 1111 1111 1111',
  '5500-0000-0000-0004',
  '12345678Z',
  '12.345.678-Z',
  '1234567L',
  'X-1234567-L',
  '44051401359',
  '1759013776',
  '36 574 261 809',
  '2 95 10 99 126 111 93',
  'RCCMNL83S18D969H',
  'RCC MNL 83S18 D969H',
  'RCCMNLUPSMUDVSVH',
  '1 85 05 2A 123 456 78',
  'NIF12345678 - Z',
  'CFRCC.MNL\r\n83S18D969H',
  'Y\n1234567 X',
  'ES-91 2100 0418\n4502 0005 1332',
  '4111 1111\n1111 1111',
  '36 574\r\n261 809',
  '+34 612\n345 678',
  'ana(a)example.com',
  'ana</b>@example.com',
  '<b>612</b> 345 <i>678</i>',
];
const GLUE = [
  ...Array.from(' .-/_,;:+()[]{}<>"\'@%&\\#=~!?|^`\n\r\t\0'),
  ...Array.from('0123456789abKXZ'),
  '  ',
  ' at ',
  ' dot ',
  ' punto ',
  ' arroba ',
  '(at)',
  '[.]',
  '&amp;',
  '<b>',
  '</span>',
  '<i x="1">',
  '&#64;',
  '&commat;',
  '%40',
  'é',
  'ß',
  'Ж',
  '漢',
  '½',
  '٣',
  '６',
  '＠',
  '–',
  '…',
  '’',
  '\u00a0',
  '\u2028',
  '\u0085',
  '\u2800',
  '\u3002',
  '\u3164',
  '\u200b',
  '\u0301',
  '\ufeff',
  '😀',
  '𝟔',
  '𝒂',
  '𠀀',
  '🇪🇸',
  'ﬁ',
  'Ⅷ',
  'ⓐ',
  'K',
  'ſ',
  'ͅ',
  'İ',
];

/** A text of values, pieces of them and everything that may stand between. */
const textArb = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...GLUE) },
      { weight: 2, arbitrary: fc.constantFrom(...VALUES) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...VALUES), fc.nat(30), fc.nat(30))
          .map(([value, start, end]) => value.slice(Math.min(start, end), Math.max(start, end))),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('hola', 'Llamar al', 'see the', 'IBAN', 'DNI', 'Proszę', 'номер'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 10 ** 12 }).map(String) },
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))
  .filter((text) => text.isWellFormed());

describe('the scan by bytes', () => {
  it('finds what the scan of texts finds', () => {
    fc.assert(
      fc.property(textArb, (text) => {
        const scanned = scanBytes(text);
        if (scanned !== undefined) expect(scanned).toBe(scanText(text, DETECTORS, DEFAULT_LIMITS));
      }),
      { numRuns: 6_000 },
    );
  });

  it('does so for every choice of detectors', () => {
    fc.assert(
      fc.property(textArb, fc.subarray([...DETECTORS], { minLength: 1 }), (text, find) => {
        const scanned = scanBytes(text, find);
        if (scanned !== undefined) expect(scanned).toBe(scanText(text, find, DEFAULT_LIMITS));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['', ''],
    ['Cliente desde 2009. Sin incidencias, 🎉 «усе гаразд» – 120,50 €', undefined],
    ['Write to ana@example.com (cc: nobody) at 5 pm', 'Write to [email] (cc: nobody) at 5 pm'],
    ['Передзвонити: +380677329854 ☎️.', 'Передзвонити: [phone] ☎️.'],
    ['Zwrot na PL62114020045715398592751966 – 14 dni', 'Zwrot na [iban] – 14 dni'],
    ['DNI 87095991M.\nDijo: "sí"\t\\', 'DNI [national-id].\nDijo: "sí"\t\\'],
    ['R&D & AT&T, 4111\u00a01111–1111 1111', 'R&D & AT&T, [card]'],
    ['<b>ana</b> <div>612 345 678</div>', '<b>ana</b> <div>[phone]</div>'],
  ])('reads the plain ones itself: %s', (text, scanned) => {
    expect(scanBytes(text)).toBe(scanned ?? text);
  });

  it.each([
    ['ana (at) example (dot) com'],
    ['ana&#64;example.com'],
    ['ana%40example.com'],
    ['ana @ example.com'],
    ['"ana lopez"@example.com'],
    ['root@[192.168.1.10]'],
    ['x@example.xn--p1'],
    ['<b>ana</b>@example.com'],
    ['<b>612</b> 345 678'],
  ])('leaves the rest to it: %s', (text) => {
    expect(scanBytes(text)).toBeUndefined();
  });

  it('judges the letters of DNI, NIE and NIF as the scan of texts does', () => {
    const idArb = fc.tuple(
      fc.constantFrom('', 'X', 'y', 'Z', 'K', 'l', 'M'),
      fc.integer({ min: 1_000_000, max: 9_999_999 }),
      fc.constantFrom('', '0', '7'),
    );
    fc.assert(
      fc.property(idArb, ([first, number, last]) => {
        for (const letter of 'abcdefGHIJKLMNOPQRSTUVWXYZ') {
          const text = `${first}${number}${first === '' ? last : ''}${letter}`;
          expect(scanBytes(text)).toBe(scanText(text, DETECTORS, DEFAULT_LIMITS));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('redacts a text over the limit whole', () => {
    const limits = { ...DEFAULT_LIMITS, scanBytesMax: 10 };
    expect(scanBytes('a'.repeat(10), DETECTORS, limits)).toBe('a'.repeat(10));
    expect(scanBytes('ж'.repeat(6), DETECTORS, limits)).toBe('[redacted]');
  });
});

describe('the scan of escaped bytes', () => {
  it('finds what the scan of texts finds', () => {
    fc.assert(
      fc.property(
        textArb,
        fc.infiniteStream(fc.constantFrom('plain', 'unit', 'short')),
        (text, spellings) => {
          const content = Array.from(text, (character) => spelled(character, spellings.next().value)).join(
            '',
          );
          const scanned = scanEscaped(content);
          if (scanned === undefined) expect(scanBytes(text)).toBeUndefined();
          else expect(JSON.parse(`"${scanned}"`)).toBe(scanText(text, DETECTORS, DEFAULT_LIMITS));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    [String.raw`Dijo:\t\"sí\" \/ C:\\umowy\u00e9`, undefined],
    [
      String.raw`DNI 87095991M.\n\u00a1Dijo: \"s\u00ED\"`,
      String.raw`DNI [national-id].\n\u00a1Dijo: \"s\u00ED\"`,
    ],
    [String.raw`\u002b34 612\u00A0345\t678\ud83d\ude00`, String.raw`[phone]\ud83d\ude00`],
    [String.raw`ana\u0040example.com`, '[email]'],
    [String.raw`a\/b ana@example.com\/`, String.raw`a\/b [email]\/`],
  ])('leaves the rest as it is spelled: %s', (content, shown) => {
    expect(scanEscaped(content)).toBe(shown ?? content);
  });

  it('leaves unpaired surrogates, and what may be longer than the limit, to the scan of texts', () => {
    expect(scanEscaped(String.raw`\ud800 612345678`)).toBeUndefined();
    const limits = { ...DEFAULT_LIMITS, scanBytesMax: 10 };
    expect(scanEscaped(String.raw`\u0061`.repeat(2), limits)).toBeUndefined();
    expect(scanEscaped(String.raw`\n\n\n\n\n`, limits)).toBe(String.raw`\n\n\n\n\n`);
  });
});

/** A character in a JSON string. */
function spelled(character: string, spelling: 'plain' | 'unit' | 'short'): string {
  if (spelling === 'short' && character === '/') return String.raw`\/`;
  if (spelling !== 'unit') return JSON.stringify(character).slice(1, -1);
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
    return String.raw`\u${unit}`;
  }).join('');
}
