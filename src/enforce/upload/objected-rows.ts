import type { RecordCursor } from '../../media/record.ts';
import type { CsvBody } from '../../model/operation.ts';
import { type PeopleTools, standingsOf } from '../current/found-people.ts';
import { hasObjected, MARKETING, OBJECTION } from '../people/objection.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import { lookThrough } from './look-through.ts';
import { findNamed } from './named-people.ts';
import { type Named, type NotedRow, nameOf } from './upload-rows.ts';
import type { UploadStage } from './upload-stage.ts';

type Audience = Pick<NotedRow, 'named'>;

/**
 * Keeps people who have objected to marketing out of uploads whose rows put people among those who get it. Rows that
 * name nobody pass, and so do those of objects of which no data map says who they are about.
 */
export function keepObjectorsOut(
  body: CsvBody,
  audience: NonNullable<CsvBody['audience']>,
  tools: PeopleTools,
  walk: WalkTools,
): UploadStage {
  let objected = 0;

  async function judge(rows: readonly Audience[]): Promise<void> {
    const found = await findNamed(rows, tools);
    const whom = rows.map(({ named }) => named.flatMap((one) => found.get(nameOf(one)) ?? [undefined]));
    const asked = [...new Set(whom.flat())];
    const standings = await standingsOf(asked, tools.consent);
    const out = new Set(asked.filter((_, index) => hasObjected(standings[index], MARKETING)));
    objected += whom.filter((people) => people.some((who) => out.has(who))).length;
  }

  function refusal(): Refusal | undefined {
    if (objected === 0) return undefined;
    const message = `Rows of people who may not be written to for ${MARKETING}, because they have objected: ${objected}.`;
    return new Refusal({ policy: OBJECTION, message });
  }

  const known: typeof audience = (header) =>
    audience(header).filter(({ object }) => tools.view.of(object).person !== undefined);
  return lookThrough(body, walk, { note: audienceNoter(body, known), judge, refusal });
}

/** Reads who a row names. Each column is worked out once. */
function audienceNoter(
  { nullText }: CsvBody,
  audience: NonNullable<CsvBody['audience']>,
): (row: RecordCursor) => Audience | undefined {
  let columns: readonly (readonly Omit<Named, 'value'>[])[] | undefined;
  return (row) => {
    columns ??= Array.from({ length: row.size }, (_, index) =>
      audience(row.name(index)).map((place) => ({ ...place, isTarget: false })),
    );
    const named = columns.flatMap((places, index): readonly Named[] => {
      if (places.length === 0 || row.kind(index) === 'null') return [];
      const value = row.text(index);
      return value === '' || value === nullText ? [] : places.map((place) => ({ ...place, value }));
    });
    return named.length === 0 ? undefined : { named };
  };
}
