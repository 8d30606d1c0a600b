import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { UploadResults } from '../../model/operation.ts';
import type { RowResult } from '../../vault/token/claims.ts';
import type { LookUps } from '../answer.ts';
import { storedCells } from './stored-cells.ts';
import type { VaultAccess } from './vault-access.ts';

interface ResultTools {
  readonly vault: VaultAccess;
  readonly view: View;
  readonly dataSubjectIdOf: (object: string, id: string) => string;
}

/** Reads the results of an upload as they pass, for the ids of the records that its rows have become. */
export function readResults(
  { upload, idColumn, areRefused }: UploadResults,
  { vault, view, dataSubjectIdOf }: ResultTools,
): { readonly note: (row: RecordCursor) => void } & LookUps {
  const columnOf = storedCells(upload, view);
  let heard: RowResult[] = [];

  function note(row: RecordCursor): void {
    const tokens: [string, string][] = [];
    const cells: string[] = [];
    let id = '';
    for (let index = 0; index < row.size; index++) {
      cells.push(row.text(index));
      if (row.name(index) === idColumn && row.kind(index) !== 'null') id = row.text(index);
      else if (columnOf(row, index) !== undefined) {
        tokens.push([row.name(index).toLowerCase(), row.text(index)]);
      }
    }
    if (tokens.length === 0) return;
    const dataSubject = areRefused || id === '' ? undefined : { id: dataSubjectIdOf(upload.object, id) };
    heard.push({ row: { job: upload.job, tokens }, line: JSON.stringify(cells), dataSubject });
  }

  return {
    note,
    isWaiting: () => heard.length > 0,
    fetch: () => {
      if (heard.length === 0) return undefined;
      const results = heard;
      heard = [];
      return vault.settleRows(results);
    },
  };
}
