import type { ByteEdit } from '../byte-edit.ts';
import { copyBytes } from '../copy-bytes.ts';
import type { NameTable } from '../name-table.ts';
import type { RecordCursor, ValueKind } from '../record.ts';
import type { Splices } from '../splices.ts';
import type { MemoizedText } from '../text-memo.ts';
import type { Window } from '../window.ts';
import { writeEscapedEdit } from './escaped-edit.ts';
import { isLiteral } from './grammar.ts';
import { mayHoldJson } from './held-json.ts';
import { readJsonString } from './json-string.ts';
import { BOOLEAN, CONTAINER, KIND_NAMES, NULL as NULL_KIND, STRING } from './kind.ts';
import type { Members } from './members.ts';
import type { Records } from './records.ts';

const QUOTE = 0x22;
/** What null begins with. */
const NULL = 0x6e;
/** What true begins with. */
const TRUE = 0x74;

/** 64 bytes: as much as V8 allocates inline. */
const FIELDS_AT_START = 16;

/** The innermost record as a handler sees it. */
export class RecordView implements RecordCursor {
  size = 0;
  private fixedObject: string | undefined = undefined;
  /** Members that are fields. */
  private fields = new Int32Array(FIELDS_AT_START);
  private readonly window: Pick<Window, 'bytes'>;
  private readonly names: NameTable;
  private readonly members: Members;
  private readonly records: Records;
  /** Undefined: edits are not wanted. */
  private readonly splices: Splices | undefined;

  constructor(
    window: Pick<Window, 'bytes'>,
    names: NameTable,
    members: Members,
    records: Records,
    splices: Splices | undefined,
  ) {
    this.window = window;
    this.names = names;
    this.members = members;
    this.records = records;
    this.splices = splices;
  }

  /** Shows the innermost record. @param object what the shape says it is */
  show(object: string | undefined): void {
    const { members } = this;
    this.fixedObject = object;
    this.size = 0;
    for (let member = this.records.firstMember; member < members.count; member++) {
      if (!members.isField(member)) continue;
      if (this.size === this.fields.length) {
        const larger = new Int32Array(this.size * 2);
        larger.set(this.fields);
        this.fields = larger;
      }
      this.fields[this.size++] = member;
    }
  }

  get object(): string | undefined {
    if (this.fixedObject !== undefined) return this.fixedObject;
    const { typeStart, typeEnd, isTypeEscaped } = this.records;
    if (typeStart < 0) return undefined;
    const { bytes } = this.window;
    if (bytes[typeStart] === NULL) return undefined;
    const isRaw = bytes[typeStart] === QUOTE && !isTypeEscaped;
    const id = isRaw ? this.names.intern(bytes, typeStart + 1, typeEnd - 1) : -1;
    return id < 0 ? this.read(typeStart, typeEnd, isTypeEscaped) : this.names.text(id);
  }

  get depth(): number {
    return this.records.depth;
  }

  get id(): string | undefined {
    const { idStart, idEnd, isIdEscaped } = this.records;
    if (idStart < 0 || this.window.bytes[idStart] === NULL) return undefined;
    return this.read(idStart, idEnd, isIdEscaped);
  }

  memoizedId(memo: MemoizedText): string | undefined {
    const { idStart, idEnd, isIdEscaped } = this.records;
    const { bytes } = this.window;
    if (idStart < 0 || bytes[idStart] === NULL) return undefined;
    if (isIdEscaped) return memo.of(this.read(idStart, idEnd, true));
    const quote = bytes[idStart] === QUOTE ? 1 : 0;
    return memo.ofBytes(bytes, idStart + quote, idEnd - quote);
  }

  name(index: number): string {
    const member = this.member(index);
    const id = this.members.nameId(member);
    if (id >= 0) return this.names.text(id);
    const start = this.members.key(member);
    const { bytes } = this.window;
    let end = start + 1;
    while (bytes[end] !== QUOTE) end += bytes[end] === 0x5c ? 2 : 1;
    return readJsonString(bytes, start + 1, end, true);
  }

  nameId(index: number): number {
    return this.members.nameId(this.member(index));
  }

  kind(index: number): ValueKind {
    return KIND_NAMES[this.members.kind(this.member(index))] as ValueKind;
  }

  text(index: number): string {
    const { members } = this;
    const member = this.member(index);
    const start = members.start(member);
    const end = members.end(member);
    const kind = members.kind(member);
    if (kind === BOOLEAN) return this.window.bytes[start] === TRUE ? 'true' : 'false';
    if (kind !== STRING) return this.window.bytes.toString('utf8', start, end);
    return readJsonString(this.window.bytes, start + 1, end - 1, members.isEscaped(member));
  }

  mayHoldJson(index: number): boolean {
    const { members } = this;
    const member = this.member(index);
    const kind = members.kind(member);
    if (kind === CONTAINER) return true;
    return (
      kind === STRING &&
      members.isEscaped(member) &&
      mayHoldJson(this.window.bytes, members.start(member) + 1, members.end(member) - 1)
    );
  }

  memoized(index: number, memo: MemoizedText): string {
    const { members } = this;
    const member = this.member(index);
    if (members.isEscaped(member)) return memo.of(this.text(index));
    const quote = members.kind(member) === STRING ? 1 : 0;
    return memo.ofBytes(this.window.bytes, members.start(member) + quote, members.end(member) - quote);
  }

  copyText(index: number, to: Buffer, at: number): number {
    const { members } = this;
    const member = this.member(index);
    const kind = members.kind(member);
    if (kind === NULL_KIND) return at;
    if (kind > NULL_KIND || members.isEscaped(member)) return -1;
    const quote = kind === STRING ? 1 : 0;
    return this.copy(members.start(member) + quote, members.end(member) - quote, to, at);
  }

  copyId(to: Buffer, at: number): number {
    const { idStart, idEnd, isIdEscaped } = this.records;
    const { bytes } = this.window;
    if (idStart < 0 || bytes[idStart] === NULL || isIdEscaped) return -1;
    const quote = bytes[idStart] === QUOTE ? 1 : 0;
    return this.copy(idStart + quote, idEnd - quote, to, at);
  }

  setString(index: number, text: string): void {
    const member = this.member(index);
    if (this.splices === undefined) return;
    const from = this.splices.mark;
    this.splices.writeString(text);
    this.members.replace(member, from, this.splices.mark);
  }

  editString(index: number, edit: ByteEdit): boolean {
    const { members, splices } = this;
    const member = this.member(index);
    if (splices === undefined) return true;
    const { bytes } = this.window;
    const start = members.start(member) + 1;
    const end = members.end(member) - 1;
    const from = splices.mark;
    const isDone = members.isEscaped(member)
      ? writeEscapedEdit(edit, bytes, start, end, splices)
      : splices.writeEdited(edit, bytes, start, end);
    if (splices.mark > from) members.replace(member, from, splices.mark);
    return isDone;
  }

  /** @throws TypeError when `lexeme` is not a JSON number, boolean or null */
  setLiteral(index: number, lexeme: string): void {
    const member = this.member(index);
    if (!isLiteral(lexeme)) throw new TypeError('A field can only become a JSON number, boolean or null');
    if (this.splices === undefined) return;
    const from = this.splices.mark;
    this.splices.writeRaw(lexeme);
    this.members.replace(member, from, this.splices.mark);
  }

  setContainer(index: number, json: string): void {
    const member = this.member(index);
    if (this.members.kind(member) !== CONTAINER) throw new TypeError('The field holds no object or array');
    if (this.splices === undefined) return;
    const from = this.splices.mark;
    this.splices.writeRaw(json);
    this.members.replace(member, from, this.splices.mark);
  }

  remove(index: number): void {
    const member = this.member(index);
    if (this.splices !== undefined) this.members.remove(member);
  }

  private member(index: number): number {
    if (!(index >= 0 && index < this.size)) throw new RangeError('The record has no such field');
    return this.fields[index] as number;
  }

  private copy(start: number, end: number, to: Buffer, at: number): number {
    return at + end - start > to.length ? -1 : copyBytes(this.window.bytes, to, at, start, end);
  }

  /** Text of the string, number or boolean in `[start, end)`. */
  private read(start: number, end: number, escaped: boolean): string {
    const { bytes } = this.window;
    return bytes[start] === QUOTE
      ? readJsonString(bytes, start + 1, end - 1, escaped)
      : bytes.toString('utf8', start, end);
  }
}
