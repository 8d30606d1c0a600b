import type { RecordCursor } from '../../media/record.ts';
import type { FieldView, View } from '../../model/decision.ts';
import type { FieldUse, Operation } from '../../model/operation.ts';
import type { StoredField } from '../../model/stored.ts';
import type { Treatment } from '../../model/treatment.ts';
import { type DataSubjectRef, provisionalDataSubject } from '../../vault/holder/holder.ts';
import { exactNumber } from '../../vault/token/token.ts';
import type { TokenizeItem } from '../../vault/token/token-group.ts';
import type { TokenUse } from '../../vault/token/token-use.ts';
import type { Tokenized, TokenRefusal } from '../../vault/token/tokenize.ts';
import { reportedName } from '../record/field-name.ts';
import { type WalkTools, walkBody, writtenObject } from '../record/walk-body.ts';
import { Refusal } from '../refusal.ts';
import { type RecordKey, recordKeyIn, slotOf } from './slot.ts';
import { storedIn } from './stored-json.ts';
import type { VaultAccess } from './vault-access.ts';

/** One record of a write, with the tokens put into it. */
export interface StoredRecord {
  readonly object: string;
  /** Its id in the write; undefined: only the CRM's answer tells. */
  readonly id: string | undefined;
  /** Owner of the tokens until the CRM gives the record an id; undefined: it has one. */
  readonly provisional: string | undefined;
  /** By field, as the client spells it. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly uses: readonly TokenUse[];
}

/** The tokens of a write, until the CRM has answered. */
export interface Issued {
  /** Uses in `records`, and in values that only look up a record. */
  readonly uses: readonly TokenUse[];
  readonly records: readonly StoredRecord[];
}

/** A record that a write looks up by a stored value, and may create with it. */
export interface SoughtRecord {
  readonly field: string;
  readonly token: string;
  readonly use: TokenUse;
  readonly dataSubject: Extract<DataSubjectRef, { readonly provisional: string }>;
}

export const NOTHING_ISSUED: Issued = { uses: [], records: [] };

/** What is needed to turn values into tokens. */
export interface StoreTools extends WalkTools {
  readonly vault: VaultAccess;
  readonly view: View;
  /** The views in which this principal reads: it may send back a token that it was shown. */
  readonly shown: readonly View[];
  /** The CRM ignores case when it finds records by a value. */
  readonly valuesIgnoreCase: boolean;
  /** Name of a data subject: the same record has the same one. */
  readonly dataSubjectIdOf: (object: string, id: string) => string;
}

/** A value on its way into a stored field. */
export interface Written {
  readonly object: string;
  readonly field: string;
  readonly stored: StoredField;
  readonly value: string;
  /** True when the CRM finds the written record by it. */
  readonly isKey?: boolean;
}

interface Draft extends Pick<StoredRecord, 'object' | 'id'> {
  readonly sought: SoughtRecord | undefined;
  readonly dataSubject: DataSubjectRef;
  /** Names the record where it is known. */
  readonly name: string | undefined;
  readonly written: Written[];
}

/**
 * Replaces the values of stored fields in a JSON body by tokens, with one call of the vault; every token is durable
 * before the body is forwarded. Null, blank values and tokens issued for the field stay.
 * @param sought records that are looked up by a stored value
 * @throws Refusal naming the field; PrivetError VAULT_UNAVAILABLE
 */
export async function storeValues(
  operation: Operation,
  body: Buffer,
  tools: StoreTools,
  sought: readonly SoughtRecord[],
): Promise<{ readonly body: Buffer; readonly issued: Issued }> {
  const drafts: Draft[] = [];
  walkBody(operation.body, body, tools, (record) => {
    const object = writtenObject(record, operation);
    const id = operation.recordId ?? (looksUp(operation, object) ? undefined : record.id);
    const own = soughtAs(record, operation, sought);
    const dataSubject: DataSubjectRef =
      id === undefined
        ? (own?.dataSubject ?? provisionalDataSubject())
        : { id: tools.dataSubjectIdOf(object, id) };
    const written: Written[] = [];
    forEachStored(record, object, tools.view, (one) =>
      written.push({ ...one, isKey: isKey(operation.uses, one) }),
    );
    requireNoneInJson(record, object, tools);
    const name = recordName(dataSubject, object, recordKeyIn(record, object, operation), tools);
    drafts.push({ object, id, sought: own, dataSubject, name, written });
  });
  const items = drafts.flatMap(({ dataSubject, name, written }) =>
    written.map((one) => itemOf(one, dataSubject, tools, name)),
  );
  if (items.length === 0 && sought.length === 0) return { body, issued: NOTHING_ISSUED };
  const all = drafts.flatMap(({ written }) => written);
  const tokenized = items.length === 0 ? [] : await tools.vault.tokenize(items);
  const tokens = tokenized.map((one, index) => tokenOf(one, all[index]));
  let next = 0;
  const replaced = walkBody(operation.body, body, tools, (record) => {
    forEachStored(record, writtenObject(record, operation), tools.view, (_, index) => {
      setToken(record, index, tokens[next++]?.token ?? '');
    });
  });
  next = 0;
  const records = drafts.map((draft): StoredRecord => {
    const own = tokens.slice(next, next + draft.written.length);
    next += own.length;
    return storedRecord(draft, own);
  });
  return { body: replaced, issued: { uses: tokens.map(({ use }) => use), records } };
}

/** Whether the ids in the body are, or may be, values by which records are looked up. */
function looksUp({ uses }: Operation, object: string): boolean {
  return uses.some((use) => use.position === 'lookup' && use.object === object);
}

/** The one record that the path names. In a batch, the token stands in the place of the record's id. */
function soughtAs(
  { id }: RecordCursor,
  { body }: Operation,
  sought: readonly SoughtRecord[],
): SoughtRecord | undefined {
  const isOne = body.format === 'json' && body.root.is === 'record';
  return isOne ? sought[0] : sought.find(({ token }) => token === id);
}

function storedRecord(
  { object, id, sought, dataSubject, written }: Draft,
  own: readonly Extract<Tokenized, { readonly token: string }>[],
): StoredRecord {
  const lookedUp = sought === undefined ? [] : [sought];
  return {
    object,
    id,
    provisional: 'provisional' in dataSubject ? dataSubject.provisional : undefined,
    tokens: new Map([
      ...lookedUp.map(({ field, token }) => [field, token] as const),
      ...own.map(({ token }, index) => [written[index]?.field ?? '', token] as const),
    ]),
    uses: [...lookedUp, ...own].map(({ use }) => use),
  };
}

/** @throws Refusal for a value that cannot be kept as a token */
function forEachStored(
  record: RecordCursor,
  object: string,
  view: View,
  visit: (written: Written, index: number) => void,
): void {
  const seen = view.of(object);
  for (let index = 0; index < record.size; index++) {
    const field = record.name(index);
    const stored = seen.stored?.(field);
    const kind = stored === undefined ? 'null' : record.kind(index);
    if (stored === undefined || kind === 'null') continue;
    if (kind !== 'string' && kind !== 'number') {
      throw refusal({ object, field, stored }, 'is neither text nor a number.');
    }
    const value = kind === 'number' ? numberText(record.text(index), stored) : record.text(index);
    if (value === undefined) throw refusal({ object, field, stored }, REFUSED.format);
    // Spaces alone are no value: the CRM keeps none, and no format has them.
    if (value.trim() !== '') visit({ object, field, stored, value }, index);
  }
}

/** @throws Refusal for a text that is JSON and holds the value of a stored field */
function requireNoneInJson(record: RecordCursor, object: string, tools: StoreTools): void {
  const { stored } = tools.view.of(object);
  for (let index = 0; index < record.size; index++) {
    if (record.mayHoldJson(index) && stored?.(record.name(index)) === undefined) {
      requireNoneIn(record.text(index), { object, field: record.name(index) }, tools);
    }
  }
}

/** @throws Refusal as `requireNoneInJson` */
export function requireNoneIn(
  text: string,
  { object, field }: Pick<Written, 'object' | 'field'>,
  tools: StoreTools,
): void {
  const found = storedIn(text, tools);
  if (found === undefined) return;
  throw new Refusal({
    policy: found.stored.policies[0] ?? 'store',
    message: `The text written to ${reportedName(field, 'a field')} of ${object} is JSON with a value of ${found.field}, of which the CRM keeps tokens.`,
  });
}

/** The text of a number whose token is a number, too; both must keep every digit in the CRM. */
function numberText(lexeme: string, { form }: StoredField): string | undefined {
  const staysNumber = form.kind === 'format-preserving' && form.format !== 'email';
  return staysNumber ? exactNumber(lexeme) : lexeme;
}

/** @param record its name, where it is known */
export function itemOf(
  { object, field, stored, value, isKey: finds = false }: Written,
  dataSubject: DataSubjectRef,
  { shown, valuesIgnoreCase }: Pick<StoreTools, 'shown' | 'valuesIgnoreCase'>,
  record?: string,
): TokenizeItem {
  const slot = slotOf({ object, field, stored }, record);
  const seen = shown.map((view) => view.of(object).field(field));
  const mayBeToken = seen.some((one) => one?.treatment.kind === 'token');
  return {
    domain: stored.domain,
    value,
    as: stored.form,
    dataSubject,
    ...(mayBeToken ? { mayBeToken } : {}),
    // Who sees everything gains nothing by a token.
    ...(seen.some(tellsOfValue) ? { onlyOwnToken: true } : {}),
    ...(finds && valuesIgnoreCase ? { anySpelling: true } : {}),
    ...(slot === undefined ? {} : { slot }),
  };
}

/** Names a record by its id, or by the key of an upsert; undefined where neither is known. */
export function recordName(
  dataSubject: DataSubjectRef,
  object: string,
  key: RecordKey | undefined,
  { dataSubjectIdOf }: Pick<StoreTools, 'dataSubjectIdOf'>,
): string | undefined {
  if ('id' in dataSubject) return dataSubject.id;
  return key && JSON.stringify([dataSubjectIdOf(object, ''), ...key]);
}

/** Whether a field is shown in a way that tells something of its value, of some records at least. */
function tellsOfValue(seen: FieldView | undefined): boolean {
  if (seen === undefined) return true;
  return seen.perRecord?.possible.some(tellsOfValue) ?? !TELL_NOTHING.has(seen.treatment.kind);
}

const TELL_NOTHING: ReadonlySet<Treatment['kind']> = new Set(['remove', 'null', 'redact', 'hash', 'token']);

/** Whether records are looked up by a field, however the client spells it. */
export function isKey(
  uses: readonly FieldUse[],
  { object, field }: Pick<Written, 'object' | 'field'>,
): boolean {
  const name = field.toLowerCase();
  return uses.some(
    (use) => use.position === 'lookup' && use.object === object && use.field.toLowerCase() === name,
  );
}

const REFUSED: Readonly<Record<TokenRefusal, string>> = {
  unissued: 'looks like a token, and none such was given out for it.',
  erased: 'is the token of somebody who was erased.',
  foreign: 'is the token of another person, whose value you may not see.',
  format: 'does not have the form that its token must keep.',
  length: 'is longer than limits.tokenValueBytesMax.',
};

/** @throws Refusal naming the field */
export function tokenOf(
  tokenized: Tokenized,
  written: Omit<Written, 'value'> | undefined,
): Extract<Tokenized, { readonly token: string }> {
  if ('token' in tokenized) return tokenized;
  throw refusal(written, REFUSED[tokenized.refused]);
}

function refusal(written: Omit<Written, 'value'> | undefined, why: string): Refusal {
  const where = written === undefined ? 'a field' : `${written.field} of ${written.object}`;
  return new Refusal({
    policy: written?.stored.policies[0] ?? 'store',
    message: `The value written to ${where} ${why}`,
  });
}

const NUMBER = /^-?(?:0|[1-9]\d*)$/;

/** A number whose token is a number stays one. */
function setToken(record: RecordCursor, index: number, token: string): void {
  if (record.kind(index) === 'number' && NUMBER.test(token)) record.setLiteral(index, token);
  else if (record.text(index) !== token) record.setString(index, token);
}
