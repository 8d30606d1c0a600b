import type { Person } from './people/people.ts';

/** A file about a person: the bytes of its type, however small. */
export interface SeedFile {
  readonly title: string;
  readonly extension: string;
  readonly contentType: string;
  /** As Salesforce calls the type. */
  readonly fileType: string;
  /** What kind of document it is. */
  readonly category: 'contract' | 'medical' | 'photo' | 'letter';
  readonly bytes: Buffer;
}

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function pdfOf(text: string): Buffer {
  const head = Buffer.from('%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1');
  const content = `1 0 obj << /Type /Catalog >> endobj\n% ${text}\ntrailer << /Root 1 0 R >>\n%%EOF\n`;
  return Buffer.concat([head, Buffer.from(content)]);
}

/** The files of a person: of four types and categories in turn. */
export function fileOf(person: Person, index: number): SeedFile {
  const name = `${person.firstName} ${person.lastName}`;
  const number = String(index + 1).padStart(6, '0');
  const pdf = { extension: 'pdf', contentType: 'application/pdf', fileType: 'PDF' } as const;
  switch (index % 4) {
    case 0:
      return {
        ...pdf,
        title: `Contract ${number}`,
        category: 'contract',
        bytes: pdfOf(`${name}, ${person.iban}`),
      };
    case 1:
      return {
        ...pdf,
        title: `Report ${number}`,
        category: 'medical',
        bytes: pdfOf(person.diagnosis ?? 'healthy'),
      };
    case 2:
      return {
        title: `Photo ${number}`,
        extension: 'png',
        contentType: 'image/png',
        fileType: 'PNG',
        category: 'photo',
        bytes: PNG,
      };
    default:
      return {
        title: `Letter ${number}`,
        extension: 'txt',
        contentType: 'text/plain',
        fileType: 'TEXT',
        category: 'letter',
        bytes: Buffer.from(`${name}\n${person.street}\n${person.notes}\n`),
      };
  }
}
