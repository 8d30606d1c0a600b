import type { NameTable } from '../name-table.ts';
import { MediaError, type MediaErrorReason } from '../rewriter.ts';
import type { Window } from '../window.ts';
import type { Asking, AskingAtOnce, Postponing } from './asking.ts';
import { END_OF_LIST, ITEM, LIST, RECORD_ALONE, RECORD_IN_LIST, RECORD_UNDER_NAME } from './backlog.ts';
import type { Frames } from './frames.ts';
import { readJsonString } from './json-string.ts';
import { type Kind, NUMBER, STRING } from './kind.ts';
import type { MemberNames } from './member-names.ts';
import type { Members } from './members.ts';
import type { Plan } from './plan.ts';
import * as plans from './plan.ts';
import { RecordView } from './record-view.ts';
import type { Records } from './records.ts';
import { replaceLiteral, replaceSpecial } from './replace.ts';
import type { Rooms } from './rooms.ts';
import { RUN_STRIDE, type RunReader } from './runs/run-reader.ts';
import type { TokenSink } from './token-sink.ts';

interface Walking {
  readonly root: Plan;
  /** Plan of objects and arrays in the place of a text; undefined: they are texts. */
  readonly withinTexts: Plan | undefined;
  readonly names: NameTable;
  /** `limits.recordBytesMax` */
  readonly recordBytesMax: number;
  /** Given: duplicate names are refused. */
  readonly memberNames: MemberNames | undefined;
  readonly lines: boolean;
}

export type WalkerOptions = Walking & Asking;

/**
 * Walks the tokens of a document along its plan: collects records, asks the handler, and makes splices of its answers.
 */
export class Walker implements TokenSink {
  private value: Plan;
  private member = -1;
  /** First byte that must not leave yet, though no record is open; -1 for none. */
  private pending = -1;
  /** First byte of the outermost open record and of the comma that goes with it. */
  private held = -1;
  /** How many records have closed. If more than when a container began, it holds records. */
  private closedRecords = 0;
  private readonly frames: Frames;
  private readonly members: Members;
  private readonly records: Records;
  private readonly window: Window;
  private readonly view: RecordView;
  private readonly options: WalkerOptions;

  constructor(window: Window, { frames, members, records }: Rooms, options: WalkerOptions) {
    this.window = window;
    this.frames = frames;
    this.members = members;
    this.records = records;
    this.options = options;
    this.value = options.root;
    this.view = new RecordView(window, options.names, this.members, this.records, options.splices);
  }

  get expected(): number {
    const { lastName, plan } = this.frames;
    return lastName < 0 ? plan.first : this.options.names.cards.follower(lastName);
  }

  get otherExpected(): number {
    const { lastName } = this.frames;
    return lastName < 0 ? -1 : this.options.names.cards.otherFollower(lastName);
  }

  /**
   * True when values under names that no shape mentions need not be looked at here: they are fields or of no interest.
   */
  get takesRuns(): boolean {
    return this.frames.plan.takesRuns && this.options.memberNames === undefined;
  }

  name(start: number, end: number, escaped: boolean): void {
    const { names, memberNames } = this.options;
    const { bytes } = this.window;
    this.checkSize(start - 1, end);
    const text =
      escaped || memberNames !== undefined ? readJsonString(bytes, start, end, escaped) : undefined;
    if (text !== undefined) this.checkName(text, start);
    const { plan } = this.frames;
    this.member = -1;
    switch (plan.op) {
      case plans.PLAIN:
      case plans.SPECIAL:
        this.value = plan;
        return;
      case plans.OBJECT: {
        const id = escaped && text !== undefined ? names.findText(text) : names.find(bytes, start, end);
        this.learn(plan, id);
        this.value = this.valueUnder(plan, id, start, end, escaped);
        return;
      }
    }
    const id = escaped && text !== undefined ? names.internText(text) : names.intern(bytes, start, end);
    this.learn(plan, id);
    this.addMember(id, this.valueUnder(plan, id, start, end, escaped), start - 1);
  }

  expectedName(id: number, start: number): void {
    const { memberNames, names } = this.options;
    if (memberNames !== undefined) this.checkName(names.text(id), start);
    const { frames } = this;
    const { plan } = frames;
    const value = plan.op === plans.FIELDS ? this.records.plan.field : plan.under(id);
    frames.lastName = id;
    if (plan.op !== plans.OBJECT) {
      this.addMember(id, value, start - 1);
      return;
    }
    this.member = -1;
    this.value = value;
  }

  run({ rows, shift }: RunReader, from: number, to: number): void {
    const { frames } = this;
    const { plan } = frames;
    if (plan.op === plans.RECORD || plan.op === plans.FIELDS) {
      const value = plan.op === plans.FIELDS ? this.records.plan.field : plan.others;
      const isField = value.op === plans.FIELD;
      frames.last = this.members.addRun(rows, from, to, { shift, before: frames.last, isField });
    }
    frames.lastName = (rows[(to - 1) * RUN_STRIDE] as number) - 1;
  }

  scalar(kind: Kind, start: number, end: number, escaped: boolean): void {
    const { value, member, frames } = this;
    if (member >= 0) this.members.scalar(member, kind, start, end, escaped);
    if (value.op > plans.FIELD) this.inspect(value, kind, start, end, escaped);
    if (!frames.isArray) return;
    if (this.pending >= 0) this.checkSize(this.pending, end);
    this.beginItem(start, end);
    this.pending = -1;
    frames.keep();
  }

  open(isObject: boolean, start: number): void {
    const { frames, member } = this;
    if (member >= 0) this.members.open(member, start);
    const plan = this.containerPlan(isObject, start);
    const isRecord = isObject && plan.op === plans.RECORD;
    // Whether a record is an item that stays is known when it closes.
    if (frames.isArray && !(isRecord && this.options.backlog !== undefined)) this.beginItem(start, start + 1);
    if (isRecord) {
      if (this.records.count === 0) this.held = this.pending >= 0 ? this.pending : start;
      this.records.open(plan, start, this.members.count);
    } else if (this.pending >= 0) this.checkSize(this.pending, start);
    this.pending = -1;
    frames.push(plan, member, isObject, isRecord, this.closedRecords);
    if (!isObject && plans.mayDropItems(plan)) this.options.backlog?.add(LIST, start, start + 1, -1);
    this.options.memberNames?.open(frames.top);
    this.member = -1;
    this.value = plan;
  }

  close(end: number): void {
    const { frames } = this;
    const { member, isRecord, recordsBefore } = frames;
    this.options.memberNames?.close(frames.top);
    if (member >= 0) this.members.close(member, end);
    if (isRecord) this.closeRecord(end);
    else this.closeContainer(end);
    if (member >= 0 && this.closedRecords !== recordsBefore) this.members.holdsRecords(member);
    if (!isRecord && frames.isArray) frames.keep();
  }

  comma(at: number): void {
    const { frames } = this;
    frames.comma = at;
    this.value = frames.plan;
    this.member = -1;
    if (this.records.count === 0 && plans.mayDropItems(frames.plan)) this.pending = at;
  }

  line(at: number): void {
    if (this.pending >= 0) {
      this.checkSize(this.pending, at);
      this.options.splices?.cut(this.pending, at + 1);
      this.pending = -1;
    }
    this.value = this.options.root;
    this.member = -1;
  }

  /** The document ends at `end`. */
  finish(end: number): void {
    if (this.pending >= 0) this.options.splices?.cut(this.pending, end);
    this.pending = -1;
  }

  /** First byte of the window that must not leave yet. @param token where an unfinished token begins, or -1 */
  heldFrom(pos: number, token: number): number {
    if (this.records.count > 0) return this.held;
    const from = token >= 0 ? token : pos;
    return this.pending >= 0 ? Math.min(this.pending, from) : from;
  }

  /** True when a scalar here may be edited. */
  get mayEditScalar(): boolean {
    return this.value.op !== plans.PLAIN;
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    if (this.pending >= 0) this.pending -= count;
    if (this.held >= 0) this.held -= count;
    this.frames.shift(count);
    this.members.shift(this.records.count > 0 ? count : 0);
    this.records.shift(count);
  }

  private checkName(name: string, at: number): void {
    const { memberNames } = this.options;
    if (!name.isWellFormed()) this.fail('malformed', 'A member name holds an unpaired surrogate', at);
    if (memberNames === undefined) return;
    if (!memberNames.add(this.frames.top, name)) this.fail('ambiguous', 'A member name stands twice', at);
    if (memberNames.size > this.options.recordBytesMax)
      this.fail('limit', 'An object has too many members', at);
  }

  /** Outside of records only the token that is being read is held. */
  private checkSize(start: number, end: number): void {
    if (end - start > this.options.recordBytesMax) this.fail('limit', 'A value is too long', start);
  }

  private valueUnder(plan: Plan, id: number, start: number, end: number, escaped: boolean): Plan {
    if (plan.op === plans.FIELDS) return this.records.plan.field;
    if (id >= 0 || !plan.comparesText) return plan.under(id);
    return plan.underText(readJsonString(this.window.bytes, start, end, escaped));
  }

  /** Names tend to come in the same order as in the object before. */
  private learn(plan: Plan, id: number): void {
    const { frames } = this;
    const { names } = this.options;
    if (frames.lastName >= 0) names.cards.follows(frames.lastName, id);
    else this.learnFirst(plan, id);
    frames.lastName = id;
  }

  private learnFirst(plan: Plan, id: number): void {
    if (plan.first < 0) plan.first = id;
    const { outerName } = this.frames;
    if (outerName >= 0) this.options.names.cards.opens(outerName, id);
  }

  private addMember(id: number, value: Plan, key: number): void {
    const { frames } = this;
    this.value = value;
    this.member = this.members.add(id, key, frames.last, value.op === plans.FIELD);
    frames.last = this.member;
  }

  /** Begins an item. Where the items before it were left out with their comma, it becomes the first. */
  private beginItem(start: number, end: number): void {
    const { frames } = this;
    const { backlog, splices } = this.options;
    if (frames.swallows) splices?.cut(frames.comma, start);
    if (backlog !== undefined && plans.mayDropItems(frames.plan)) backlog.add(ITEM, start, end, frames.comma);
  }

  /** The plan by which the object or array that begins at `start` is read; for arrays, the plan of the items. */
  private containerPlan(isObject: boolean, start: number): Plan {
    let plan = this.value;
    if (plan.op === plans.FIELD) plan = plan.nested ?? plans.PLAIN_PLAN;
    if (!isObject) plan = plan.items;
    // An object where an array should be is read as its only item.
    else for (let hops = 0; plan.op === plans.ARRAY; hops++) plan = hops < 8 ? plan.items : plans.TEXT_PLAN;
    const { op } = plan;
    const inRecord = this.records.count > 0;
    if (op === plans.FIELDS && !inRecord) plan = plans.TEXT_PLAN;
    if (plan.special === 'text') return this.options.withinTexts ?? plan;
    if (op !== plans.TYPE && op !== plans.ID) return plan;
    if (inRecord) this.fail('malformed', 'A type or id is no plain value', start);
    return plans.PLAIN_PLAN;
  }

  private closeRecord(end: number): void {
    const { records, members, view, frames, options } = this;
    const { plan, start, firstMember } = records;
    if (end - this.held > options.recordBytesMax) this.fail('limit', 'A record is too long', start);
    let keep = true;
    let waits = false;
    if (!plan.isMaybe || this.saysType()) {
      this.closedRecords = (this.closedRecords + 1) | 0;
      view.show(plan.object);
      if (options.backlog !== undefined) waits = options.backlog.note(view, records, members);
      else keep = this.ask(options, firstMember);
    }
    members.count = firstMember;
    records.close();
    frames.pop();
    if (options.backlog !== undefined) this.postpone(options.backlog, start, end, waits);
    if (!keep) this.leaveOut(start, end);
    else if (frames.isArray) frames.keep();
  }

  private ask({ handler, splices }: AskingAtOnce, firstMember: number): boolean {
    const keep = handler.record(this.view) || splices === undefined;
    if (keep && splices !== undefined) this.members.splice(firstMember, splices);
    return keep;
  }

  /** Tells the backlog where the container that closed stands. @param waits it is a record to be decided on */
  private postpone(backlog: Postponing, start: number, end: number, waits: boolean): void {
    const { frames } = this;
    if (frames.isArray) backlog.add(waits ? RECORD_IN_LIST : ITEM, start, end, frames.comma);
    else if (waits) backlog.add(frames.top > 0 ? RECORD_UNDER_NAME : RECORD_ALONE, start, end, -1);
  }

  private closeContainer(end: number): void {
    const { frames } = this;
    if (frames.isArray && plans.mayDropItems(frames.plan))
      this.options.backlog?.add(END_OF_LIST, end - 1, end, -1);
    frames.pop();
  }

  private saysType(): boolean {
    const { typeStart } = this.records;
    return typeStart >= 0 && this.window.bytes[typeStart] !== 0x6e;
  }

  private leaveOut(start: number, end: number): void {
    const { frames } = this;
    const { splices, lines } = this.options;
    if (splices === undefined) return;
    if (frames.isArray) {
      splices.cut(frames.hasKept ? frames.comma : start, end);
      frames.drop();
    } else if (frames.top > 0) {
      replaceLiteral(splices, start, end, 'null');
    } else if (lines) {
      splices.cut(start, end);
      this.pending = end;
    } else {
      this.fail('withheld', 'The record is left out', start);
    }
  }

  /** A scalar that is no field. */
  private inspect(plan: Plan, kind: Kind, start: number, end: number, escaped: boolean): void {
    const { records } = this;
    switch (plan.op) {
      case plans.TYPE:
        if (records.count === 0) return;
        if (records.typeStart >= 0) this.fail('ambiguous', 'A record says its type twice', start);
        records.setType(start, end, escaped);
        return;
      case plans.ID:
        if (records.count === 0) return;
        if (records.idStart >= 0) this.fail('ambiguous', 'A record says its id twice', start);
        records.setId(start, end, escaped);
        return;
    }
    // It is part of the field's value around it.
    if (plan.isMaybe) return;
    this.checkSize(start, end);
    if (kind === STRING || kind === NUMBER) this.askAbout(plan, kind, start, end, escaped);
  }

  /** Asks about a special value, or about a scalar in the place of a container, which counts as text. */
  private askAbout(plan: Plan, valueKind: Kind, start: number, end: number, escaped: boolean): void {
    const { options } = this;
    const kind = plan.special ?? 'text';
    const isNumber = valueKind === NUMBER;
    if (plan.special === 'text' && isNumber) return;
    const { bytes } = this.window;
    const text = isNumber
      ? bytes.toString('latin1', start, end)
      : readJsonString(bytes, start + 1, end - 1, escaped);
    const depth = this.records.count;
    if (options.backlog !== undefined) {
      options.backlog.addSpecial({ kind, text, isNumber, depth }, start, end);
      return;
    }
    const answer = options.handler.special(kind, text, depth);
    if (options.splices !== undefined)
      replaceSpecial(options.splices, { kind, text, isNumber, start, end }, answer);
  }

  private fail(reason: MediaErrorReason, message: string, at: number): never {
    throw new MediaError(reason, message, this.window.base + at);
  }
}
