import { createDeferringCsvRewriter } from '../../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../../media/record.ts';
import type { CsvBody } from '../../model/operation.ts';
import { type DataSubjectRef, provisionalDataSubject } from '../../vault/holder/holder.ts';
import { newUpload, type UploadedRow } from '../../vault/token/claims.ts';
import type { TokenizeItem } from '../../vault/token/token-group.ts';
import { readable, type UploadStage } from '../upload/upload-stage.ts';
import { giveBack } from './settle.ts';
import { rowKeysOf } from './slot.ts';
import { itemOf, recordName, requireNoneIn, type StoreTools, tokenOf, type Written } from './store-values.ts';
import { storedCells } from './stored-cells.ts';

/** A value that is to become a token. */
interface Wanted {
  readonly written: Written;
  readonly column: string;
  readonly item: TokenizeItem;
  /** Known once it has been made. */
  token: string;
}

/**
 * Replaces the values of stored fields in a CSV upload by tokens as it streams by: with one call of the vault for the
 * rows that end in a chunk, whose tokens are durable before the chunk leaves. They are confirmed at once, since an
 * upload may have millions. Fails with a Refusal that names the column, or a PrivetError.
 */
export function storeUpload(body: CsvBody, tools: StoreTools): UploadStage {
  const { names, limits, vault } = tools;
  const columnOf = storedCells(body, tools.view);
  const keyOf = rowKeysOf(body);
  const upload = newUpload();
  let wanted: Wanted[] = [];
  let asking: Promise<void> | undefined;
  let hasRows = false;
  let isRead = false;
  let hasLeft = false;

  async function fetch(): Promise<void> {
    const asked = wanted;
    wanted = [];
    const made = await vault.tokenize(asked.map(({ item }) => item));
    const uses = made.flatMap((one) => ('use' in one ? [one.use] : []));
    try {
      const issued = made.map((one, index) => tokenOf(one, asked[index]?.written));
      for (const [index, one] of asked.entries()) one.token = issued[index]?.token ?? '';
      const rows = newRows(asked, body, upload);
      hasRows ||= rows.length > 0;
      await vault.rememberRows(rows);
    } catch (error) {
      await giveBack(vault, uses);
      throw error;
    }
    await vault.confirm(uses);
  }

  /** Notes the values in a row. @returns them by the index of their cells */
  function want(row: RecordCursor): ReadonlyMap<number, Wanted> {
    const own = new Map<number, Wanted>();
    let dataSubject: DataSubjectRef | undefined;
    let name: string | undefined;
    for (let index = 0; index < row.size; index++) {
      const column = columnOf(row, index);
      if (column === undefined) {
        if (row.mayHoldJson(index)) {
          requireNoneIn(row.text(index), { object: body.object, field: row.name(index) }, tools);
        }
        continue;
      }
      const written = { ...column, value: row.text(index) };
      if (dataSubject === undefined) {
        dataSubject = dataSubjectOf(row, body, tools);
        name = recordName(dataSubject, body.object, keyOf(row), tools);
      }
      const item = itemOf(written, dataSubject, tools, name);
      own.set(index, { written, column: row.name(index).toLowerCase(), item, token: '' });
    }
    wanted.push(...own.values());
    return own;
  }

  const read = readable(
    createDeferringCsvRewriter({
      object: body.object,
      names,
      limits,
      delimiter: body.delimiter,
      handler: {
        special: () => undefined,
        noteSpecial: () => undefined,
        note: want,
        decide: (row, own) => {
          for (const [index, { token }] of own) row.setString(index, token);
          return true;
        },
      },
    }),
  );
  return {
    rewriter: {
      ...read,
      end: () => {
        read.end();
        isRead = true;
      },
      next: () => {
        const part = read.next();
        hasLeft = isRead && part === undefined;
        return part;
      },
    },
    isWaiting: () => wanted.length > 0,
    fetch: () => {
      asking = wanted.length === 0 ? undefined : fetch();
      return asking;
    },
    hasLeft: () => hasLeft,
    giveBack: async () => {
      await asking?.catch(() => undefined);
      if (hasRows) await vault.refuseRows(upload).catch(() => undefined);
    },
  };
}

/** Rows whose records have no id yet, each with its tokens. */
function newRows(asked: readonly Wanted[], { job }: CsvBody, upload: string): UploadedRow[] {
  const cells = asked.map(({ column, token, item: { dataSubject } }) => ({
    provisional: 'provisional' in dataSubject ? dataSubject.provisional : undefined,
    cell: [column, token] as const,
  }));
  return Array.from(Map.groupBy(cells, ({ provisional }) => provisional)).flatMap(([provisional, own]) =>
    provisional === undefined
      ? []
      : [{ row: { job, tokens: own.map(({ cell }) => cell) }, provisional, upload }],
  );
}

/** The data subject of a row that names its record; other rows have no id yet. */
function dataSubjectOf(
  row: RecordCursor,
  { object }: CsvBody,
  { dataSubjectIdOf }: StoreTools,
): DataSubjectRef {
  for (let index = 0; index < row.size; index++) {
    if (row.name(index).toLowerCase() !== 'id' || row.kind(index) === 'null') continue;
    return { id: dataSubjectIdOf(object, row.text(index)) };
  }
  return provisionalDataSubject();
}
