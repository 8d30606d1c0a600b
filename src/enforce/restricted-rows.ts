import { createDeferringCsvRewriter } from '../media/csv/csv-rewriter.ts';
import type { RecordCursor } from '../media/record.ts';
import type { DataSubjectKeys } from '../model/data-subject.ts';
import type { CsvBody } from '../model/operation.ts';
import { RESTRICTION } from '../policy/restriction.ts';
import { revealCurrent } from './current-values.ts';
import { findPeople, type PeopleTools, standingsOf, toldBy, toldOwn } from './found-people.ts';
import { Refusal } from './refusal.ts';
import { readable, type UploadStage } from './upload-stage.ts';
import type { WalkTools } from './walk-body.ts';

/** A record that a row names, by its id or by a field. */
interface Named {
  readonly object: string;
  /** Undefined: by id. */
  readonly field?: string;
  readonly value: string;
}

interface NotedRow {
  readonly named: readonly Named[];
  /** What the row itself says of the person, by field. */
  readonly told: ReadonlyMap<string, string>;
  /** It says which record it is about, or makes one. */
  readonly hasTarget: boolean;
}

type Whom = DataSubjectKeys | undefined;

const EMPTY = Buffer.alloc(0);

/**
 * Looks through the rows of an upload, a window at a time, for people whose processing is restricted: those whose records the rows name, and
 * those whose addresses or numbers they bring. Rows go on once they have been looked through, and nothing does after the first that may not: the
 * upload is read to its end, so that the client hears how many there are, and breaks off there, so that the CRM never has it whole.
 * Its errors are a Refusal that says how many, or a PrivetError.
 */
export function keepRestrictedRows(body: CsvBody, tools: PeopleTools, walk: WalkTools): UploadStage {
  let noted: NotedRow[] = [];
  let restricted = 0;
  let untold = 0;

  async function fetch(): Promise<void> {
    const rows = noted;
    noted = [];
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
      ...(untold === 0 ? [] : [`Rows of which it cannot be told whom they are about: ${untold}.`]),
    ];
    return said.length === 0 ? undefined : new Refusal({ policy: RESTRICTION, message: said.join(' ') });
  }

  const noteRow = rowNoter(body, tools);
  const rewriter = createDeferringCsvRewriter({
    object: body.object,
    ...walk,
    delimiter: body.delimiter,
    dryRun: true,
    handler: {
      special: () => undefined,
      noteSpecial: () => undefined,
      note: (row) => {
        const one = noteRow(row);
        if (one !== undefined) noted.push(one);
      },
      decide: () => true,
    },
  });
  let isOver = false;
  return {
    rewriter: readable({
      push: rewriter.push,
      end: () => {
        rewriter.end();
        isOver = true;
      },
      next: () => {
        const part = rewriter.next();
        if (part !== undefined) return restricted + untold === 0 ? part : EMPTY;
        const refused = isOver ? refusal() : undefined;
        if (refused !== undefined) throw refused;
        return undefined;
      },
      waiting: rewriter.waiting,
    }),
    isWaiting: () => noted.length > 0,
    fetch: () => (noted.length === 0 ? undefined : fetch()),
  };
}

/** Everybody whom each of these rows is about; undefined for whoever cannot be told. */
async function whomAbout(
  rows: readonly NotedRow[],
  { object }: CsvBody,
  tools: PeopleTools,
): Promise<readonly (readonly Whom[])[]> {
  const view = tools.view.of(object);
  const told = rows.map((row, index) => [String(index), row.told] as const);
  const [current, found] = await Promise.all([
    revealCurrent(told, object, tools.view, tools.vault),
    findNamed(rows, tools),
  ]);
  const themselves = rows.map((_, index) => {
    const own = current.get(String(index));
    return toldBy(view, (field) => String(own?.get(field)?.value ?? ''), undefined, tools.naming);
  });
  const whom = await toldOwn(themselves, tools);
  return rows.map(({ named, hasTarget }, index) => {
    return [
      ...(hasTarget ? [] : [undefined]),
      whom[index],
      ...named.flatMap((one): readonly Whom[] => found.get(nameOf(one)) ?? [undefined]),
    ];
  });
}

/** What records are named by → the people they are about. Nothing where the CRM does not tell. */
async function findNamed(
  rows: readonly NotedRow[],
  tools: PeopleTools,
): Promise<ReadonlyMap<string, readonly Whom[]>> {
  const named = rows.flatMap((row) => row.named);
  const sought = Map.groupBy(named, ({ object, field }) => JSON.stringify([object, field]));
  const found = new Map<string, Whom[]>();
  const find = async ([first, ...more]: readonly Named[]): Promise<void> => {
    if (first === undefined) return;
    const { value, ...by } = first;
    const values = [...new Set([value, ...more.map((one) => one.value)])];
    for (const person of (await findPeople({ ...by, values }, tools)) ?? []) {
      const name = nameOf({ ...by, value: person.value });
      found.set(name, [...(found.get(name) ?? []), person.keys]);
    }
  };
  await Promise.all(sought.values().map(find));
  return found;
}

function nameOf({ object, field, value }: Named): string {
  return JSON.stringify([object, field, value]);
}

interface PlannedColumn {
  readonly index: number;
  readonly named: readonly Omit<Named, 'value'>[];
  /** It names the record that the row is about. */
  readonly isTarget: boolean;
  /** The field of the data map that it tells of the person. */
  readonly tells: string | undefined;
}

/** Reads of a row what it is about. What its columns mean is worked out once. Undefined: it is about nobody yet. */
function rowNoter(body: CsvBody, tools: PeopleTools): (row: RecordCursor) => NotedRow | undefined {
  let columns: readonly PlannedColumn[] | undefined;
  return (row) => {
    columns ??= planColumns(row, body, tools);
    const named: Named[] = [];
    const told = new Map<string, string>();
    let hasTarget = body.creates === true;
    for (const { index, named: places, isTarget, tells } of columns) {
      const value = row.kind(index) === 'null' ? '' : row.text(index);
      if (value === '' || value === body.nullText) continue;
      if (isTarget) hasTarget = true;
      if (tells !== undefined) told.set(tells, value);
      for (const place of places) named.push({ ...place, value });
    }
    return hasTarget && named.length === 0 && told.size === 0 ? undefined : { named, told, hasTarget };
  };
}

function planColumns(row: RecordCursor, body: CsvBody, tools: PeopleTools): readonly PlannedColumn[] {
  const { view, naming, adapter } = tools;
  const { person } = view.of(body.object);
  const keys = [person?.id, person?.email, person?.phone].filter((field) => field !== undefined);
  const fold = (name: string): string => (adapter.namesIgnoreCase ? name.toLowerCase() : name);
  const planned = Array.from({ length: row.size }, (_, index): PlannedColumn => {
    const uses = body.columns(row.name(index));
    if (uses === undefined) throw refused('A column of the upload is no field that is known.');
    const names = uses.filter(
      ({ object, field, position }) =>
        position === 'lookup' || (object === body.object && naming.isOwnId(field)),
    );
    const written = uses.find(({ position }) => position === 'write');
    const tells = keys.find((key) => written !== undefined && fold(key) === fold(written.field));
    const named = names
      .filter(({ object }) => view.of(object).restricts === true)
      .map(({ object, field }) => (naming.isOwnId(field) ? { object } : { object, field }));
    return { index, named, isTarget: names.some(({ object }) => object === body.object), tells };
  });
  const telling = planned.flatMap(({ tells }) => tells ?? []);
  if (new Set(telling).size < telling.length) throw refused('A column of the upload stands twice.');
  return planned;
}

function refused(message: string): Refusal {
  return new Refusal({ policy: RESTRICTION, message });
}
