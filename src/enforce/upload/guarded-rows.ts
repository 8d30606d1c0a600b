import type { RecordCursor } from '../../media/record.ts';
import type { View } from '../../model/decision.ts';
import type { CsvBody } from '../../model/operation.ts';
import type { RecordFacts } from '../../model/record-facts.ts';
import { findRecords } from '../current/found-records.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import { namesIn } from '../write/guarded-writes.ts';
import { eitherOf, fieldsGuarding, guardsIn, requireHiding, type WrittenTexts } from '../write/guards.ts';
import type { RowTools } from '../write/written-rows.ts';
import { lookThrough } from './look-through.ts';
import { type NotedRow, nameOf, rowNoter, soughtIn } from './upload-rows.ts';
import type { UploadStage } from './upload-stage.ts';

interface GuardedRow {
  readonly about: NotedRow;
  readonly written: readonly WrittenTexts[];
}

const UNKNOWN: RecordFacts = () => undefined;

/**
 * Keeps the rows of an upload from lifting what hides something of a record; see `keepGuarded`.
 * @returns undefined where nothing that is hidden of these records depends on their content
 */
export function keepRowsGuarded(
  body: CsvBody,
  views: readonly View[],
  tools: RowTools,
  walk: WalkTools,
): UploadStage | undefined {
  const guards = guardsIn(views)(body.object);
  const [first] = guards;
  if (first === undefined) return undefined;
  const names = namesIn(tools);
  const noteTarget = rowNoter(body, tools, {
    isConcerned: (object) => object === body.object,
    policy: first.policy,
  });
  let refused: Refusal | undefined;

  function note(row: RecordCursor): GuardedRow | undefined {
    const about = noteTarget(row);
    const written = eitherOf(textsIn(row));
    const isGuarded = written.some((texts) => fieldsGuarding(guards, texts, names).length > 0);
    return about === undefined || !isGuarded ? undefined : { about: targetOf(about), written };
  }

  /** An empty cell leaves the field as it is. */
  function textsIn(row: RecordCursor): (readonly [string, string | null])[] {
    const texts: [string, string | null][] = [];
    for (let index = 0; index < row.size; index++) {
      const text = row.kind(index) === 'null' ? '' : row.text(index);
      for (const { object, field, position } of body.columns(row.name(index)) ?? []) {
        if (text === '' || position !== 'write' || object !== body.object) continue;
        texts.push([names.fold(field), text === body.nullText ? null : text]);
      }
    }
    return texts;
  }

  async function judge(rows: readonly GuardedRow[]): Promise<void> {
    const found = await findRows(rows);
    for (const { about, written } of rows) {
      const records = about.named.flatMap((one) => found.get(nameOf(one)) ?? []);
      const isUntold = about.named.length === 0 && body.creates !== true;
      for (const facts of isUntold ? [UNKNOWN] : records) attempt(written, facts);
    }
  }

  function attempt(written: readonly WrittenTexts[], facts: RecordFacts): void {
    try {
      for (const texts of written) requireHiding(guards, texts, facts, names);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused ??= error;
    }
  }

  async function findRows(rows: readonly GuardedRow[]): Promise<ReadonlyMap<string, readonly RecordFacts[]>> {
    const fields = rows.flatMap(({ written }) =>
      written.flatMap((texts) => fieldsGuarding(guards, texts, names)),
    );
    const all = await Promise.all(
      soughtIn(rows.map(({ about }) => about)).map(async (sought) => {
        const found = await findRecords(sought, [...new Set(fields)], tools);
        return sought.values.map((value) => {
          const there = found?.filter(({ asked }) => asked === undefined || asked === value);
          const facts = there?.map((record) => record.facts) ?? [UNKNOWN];
          return [nameOf({ ...sought, value }), facts] as const;
        });
      }),
    );
    return new Map(all.flat());
  }

  return lookThrough(body, walk, { note, judge, refusal: () => refused });
}

function targetOf({ named, ...row }: NotedRow): NotedRow {
  return { ...row, named: named.filter(({ isTarget }) => isTarget) };
}
