import { createCsvRewriter } from '../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../media/record.ts';
import { MediaError, type Rewriter } from '../media/rewriter.ts';
import type { CsvBody, FieldUse } from '../model/operation.ts';
import { type DataSubjectRef, provisionalSubject } from '../vault/holder.ts';
import type { TokenizeItem } from '../vault/token-group.ts';
import type { Gather } from './answer.ts';
import { Refusal } from './refusal.ts';
import { isKey, itemOf, type StoreTools, tokenOf, type Written } from './store-values.ts';
import { unreadableBody } from './walk-body.ts';

/** An upload on its way to the CRM: `gather` goes ahead through each chunk, `rewriter` puts the tokens in. */
export interface StoredUpload {
  readonly gather: Gather;
  readonly rewriter: Rewriter;
}

/** The field a column is about whose values become tokens; undefined where they stay. */
type StoredColumn = Omit<Written, 'value'> | undefined;

/**
 * Replaces the values of stored fields in a CSV upload by tokens, as it streams by: the rows that end in a chunk in one call of the vault, all
 * tokens durable before the chunk leaves. They stand at once: nobody waits for the end of an upload with a million of them in hand.
 * Its errors are a Refusal that names the column, or a PrivetError.
 */
export function storeUpload(body: CsvBody, tools: StoreTools): StoredUpload {
  const { names, limits, vault } = tools;
  let wanted: { readonly written: Written; readonly item: TokenizeItem }[] = [];
  let tokens: readonly string[] = [];
  let next = 0;

  async function fetch(): Promise<void> {
    const asked = wanted;
    wanted = [];
    next = 0;
    const made = await vault.tokenize(asked.map(({ item }) => item));
    const issued = made.map((one, index) => tokenOf(one, asked[index]?.written));
    await vault.confirm(issued.map(({ use }) => use));
    tokens = issued.map(({ token }) => token);
  }

  const options = { object: body.object, names, limits, delimiter: body.delimiter };
  const ahead = createCsvRewriter({
    ...options,
    dryRun: true,
    handler: rowHandler(body, tools, (row, index, column) => {
      const written = { ...column, value: row.text(index) };
      wanted.push({ written, item: itemOf(written, subjectOf(row, body, tools), tools) });
    }),
  });
  const rewriter = createCsvRewriter({
    ...options,
    handler: rowHandler(body, tools, (row, index) => row.setString(index, tokens[next++] ?? '')),
  });
  return {
    gather: { rewriter: readable(ahead), fetch: () => (wanted.length === 0 ? undefined : fetch()) },
    rewriter: readable(rewriter),
  };
}

function rowHandler(
  body: CsvBody,
  { view }: StoreTools,
  visit: (row: RecordCursor, index: number, column: NonNullable<StoredColumn>) => void,
) {
  const columns: StoredColumn[] = [];
  const known: boolean[] = [];
  return {
    special: () => undefined,
    record: (row: RecordCursor) => {
      for (let index = 0; index < row.size; index++) {
        if (known[index] !== true) {
          known[index] = true;
          columns[index] = columnOf(body.columns(row.name(index)), row.name(index), view);
        }
        const column = columns[index];
        if (column === undefined || row.kind(index) === 'null') continue;
        const text = row.text(index);
        if (text !== body.nullText) visit(row, index, column);
      }
      return true;
    },
  };
}

function columnOf(
  uses: readonly FieldUse[] | undefined,
  header: string,
  view: StoreTools['view'],
): StoredColumn {
  if (uses === undefined) {
    throw new Refusal({ policy: 'store', message: 'A column of the upload is no field that is known.' });
  }
  const stored = uses.map(({ object, field }) => ({
    object,
    field,
    stored: view.of(object).stored?.(field),
  }));
  const [first] = stored;
  if (first?.stored === undefined || stored.some((one) => one.stored?.domain !== first.stored?.domain)) {
    if (stored.every((one) => one.stored === undefined)) return undefined;
    throw new Refusal({
      policy: 'store',
      message: `The CRM keeps tokens of some of the fields that the column ${header} may mean.`,
    });
  }
  const { object, field } = first;
  return { object, field, stored: first.stored, isKey: isKey(uses, { object, field }) };
}

/** A row that names its record is of that data subject; of the others nobody knows the id yet. */
function subjectOf(row: RecordCursor, { object }: CsvBody, { subjectId }: StoreTools): DataSubjectRef {
  for (let index = 0; index < row.size; index++) {
    if (row.name(index).toLowerCase() !== 'id' || row.kind(index) === 'null') continue;
    return { id: subjectId(object, row.text(index)) };
  }
  return provisionalSubject();
}

function readable(rewriter: Rewriter): Rewriter {
  const attempt = (step: () => Buffer): Buffer => {
    try {
      return step();
    } catch (error) {
      throw error instanceof MediaError ? unreadableBody(error) : error;
    }
  };
  return { push: (chunk) => attempt(() => rewriter.push(chunk)), end: () => attempt(() => rewriter.end()) };
}
