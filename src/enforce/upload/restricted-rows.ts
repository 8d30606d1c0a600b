import type { CsvBody } from '../../model/operation.ts';
import { RESTRICTION } from '../../policy/decide/restriction.ts';
import { peopleBrought } from '../current/brought-people.ts';
import { type PeopleTools, standingsOf } from '../current/found-people.ts';
import type { WalkTools } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import { lookThrough } from './look-through.ts';
import { findNamed, type Whom } from './named-people.ts';
import { type NotedRow, nameOf, rowNoter } from './upload-rows.ts';
import type { UploadStage } from './upload-stage.ts';

/**
 * Inspects the rows of an upload for people whose processing is restricted: those whose records the rows name, and
 * those whose addresses or numbers they hold.
 */
export function keepRestrictedRows(body: CsvBody, tools: PeopleTools, walk: WalkTools): UploadStage {
  let restricted = 0;
  let untold = 0;

  async function judge(rows: readonly NotedRow[]): Promise<void> {
    const whom = await whomAbout(rows, body, tools);
    const asked = [...new Set(whom.flat())];
    const standings = await standingsOf(asked, tools.consent);
    const standingOf = new Map(asked.map((who, index) => [who, standings[index]]));
    for (const people of whom) {
      const found = people.map((who) => standingOf.get(who));
      if (found.some((standing) => standing?.restricted === true)) restricted++;
      else if (found.includes(undefined)) untold++;
    }
  }

  function refusal(): Refusal | undefined {
    const said = [
      ...(restricted === 0 ? [] : [`Rows of people whose processing is restricted: ${restricted}.`]),
      ...(untold === 0 ? [] : [`Rows that do not tell who they are about: ${untold}.`]),
    ];
    return said.length === 0 ? undefined : new Refusal({ policy: RESTRICTION, message: said.join(' ') });
  }

  const isConcerned = (object: string): boolean => tools.view.of(object).restricts === true;
  const note = rowNoter(body, tools, { isConcerned, policy: RESTRICTION, belongsTo: body.belongsTo });
  return lookThrough(body, walk, { note, judge, refusal });
}

/** The people that each row is about; undefined for each that cannot be told. */
async function whomAbout(
  rows: readonly NotedRow[],
  { object }: CsvBody,
  tools: PeopleTools,
): Promise<readonly (readonly Whom[])[]> {
  const [brought, found] = await Promise.all([
    peopleBrought(
      object,
      rows.map(({ told }) => told),
      tools,
    ),
    findNamed(rows, tools),
  ]);
  return rows.map(({ named, hasTarget }, index) => {
    return [
      ...(hasTarget ? [] : [undefined]),
      brought[index],
      ...named.flatMap((one): readonly Whom[] => found.get(nameOf(one)) ?? [undefined]),
    ];
  });
}
