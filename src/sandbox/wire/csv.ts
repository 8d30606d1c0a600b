/** RFC 4180 with the delimiters and line ends of Salesforce's Bulk API 2.0. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly lineEnd: '\n' | '\r\n';
}

export const PLAIN_CSV: CsvDialect = { delimiter: ',', lineEnd: '\n' };

/** Every cell in quotes, as the vendor writes them; an empty string stands for null. */
export function writeCsv(rows: readonly (readonly string[])[], dialect: CsvDialect): string {
  return rows
    .map(
      (cells) =>
        cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(dialect.delimiter) + dialect.lineEnd,
    )
    .join('');
}

/** Reads rows of cells; a last line without line end counts, an empty line does not. */
export function readCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let inQuotes = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || cell !== '') rows.push(row);
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (inQuotes) {
      if (sign !== '"') cell += sign;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else inQuotes = false;
    } else if (sign === '"') inQuotes = true;
    else if (sign === delimiter) {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  endRow();
  return rows;
}
