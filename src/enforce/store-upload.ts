import { createCsvRewriter } from '../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../media/record.ts';
import type { CsvBody } from '../model/operation.ts';
import type { UploadedRow } from '../vault/claims.ts';
import { type DataSubjectRef, provisionalSubject } from '../vault/holder.ts';
import type { TokenizeItem } from '../vault/token-group.ts';
import { itemOf, type StoreTools, tokenOf, type Written } from './store-values.ts';
import { type StoredColumn, storedCells } from './stored-cells.ts';
import { readable, type UploadStage } from './upload-stage.ts';

/**
 * Replaces the values of stored fields in a CSV upload by tokens, as it streams by: the rows that end in a chunk in one call of the vault, all
 * tokens durable before the chunk leaves. They stand at once: nobody waits for the end of an upload with a million of them in hand.
 * Its errors are a Refusal that names the column, or a PrivetError.
 */
export function storeUpload(body: CsvBody, tools: StoreTools): UploadStage {
  const { names, limits, vault } = tools;
  let wanted: { readonly written: Written; readonly column: string; readonly item: TokenizeItem }[] = [];
  let tokens: readonly string[] = [];
  let next = 0;
  /** Of the row at hand. */
  let subject: DataSubjectRef | undefined;

  async function fetch(): Promise<void> {
    const asked = wanted;
    wanted = [];
    next = 0;
    const made = await vault.tokenize(asked.map(({ item }) => item));
    const issued = made.map((one, index) => tokenOf(one, asked[index]?.written));
    tokens = issued.map(({ token }) => token);
    await vault.rememberRows(newRows(asked, tokens));
    await vault.confirm(issued.map(({ use }) => use));
  }

  /** Rows whose records have no id yet, each with its tokens. */
  function newRows(asked: typeof wanted, given: readonly string[]): UploadedRow[] {
    const cells = asked.map(({ column, item: { dataSubject } }, index) => ({
      provisional: 'provisional' in dataSubject ? dataSubject.provisional : undefined,
      cell: [column, given[index] ?? ''] as const,
    }));
    return Array.from(Map.groupBy(cells, ({ provisional }) => provisional)).flatMap(([provisional, own]) =>
      provisional === undefined
        ? []
        : [{ row: { job: body.job, tokens: own.map(({ cell }) => cell) }, provisional }],
    );
  }

  const options = { object: body.object, names, limits, delimiter: body.delimiter };
  const ahead = createCsvRewriter({
    ...options,
    dryRun: true,
    handler: rowHandler(
      body,
      tools,
      (row, index, column) => {
        const written = { ...column, value: row.text(index) };
        subject ??= subjectOf(row, body, tools);
        const item = itemOf(written, subject, tools);
        wanted.push({ written, column: row.name(index).toLowerCase(), item });
      },
      () => {
        subject = undefined;
      },
    ),
  });
  const rewriter = createCsvRewriter({
    ...options,
    handler: rowHandler(body, tools, (row, index) => row.setString(index, tokens[next++] ?? '')),
  });
  return {
    gather: {
      rewriter: readable(ahead),
      isWaiting: () => wanted.length > 0,
      fetch: () => (wanted.length === 0 ? undefined : fetch()),
    },
    rewriter: readable(rewriter),
  };
}

function rowHandler(
  body: CsvBody,
  { view }: StoreTools,
  visit: (row: RecordCursor, index: number, column: StoredColumn) => void,
  close?: (row: RecordCursor) => void,
) {
  const columnOf = storedCells(body, view);
  return {
    special: () => undefined,
    record: (row: RecordCursor) => {
      for (let index = 0; index < row.size; index++) {
        const column = columnOf(row, index);
        if (column !== undefined) visit(row, index, column);
      }
      close?.(row);
      return true;
    },
  };
}

/** A row that names its record is of that data subject; of the others nobody knows the id yet. */
function subjectOf(row: RecordCursor, { object }: CsvBody, { subjectId }: StoreTools): DataSubjectRef {
  for (let index = 0; index < row.size; index++) {
    if (row.name(index).toLowerCase() !== 'id' || row.kind(index) === 'null') continue;
    return { id: subjectId(object, row.text(index)) };
  }
  return provisionalSubject();
}
