import { PLAIN_PLAN, type Plan } from './plan.ts';

const STRIDE = 6;
/** The member whose value this container is, or -1. */
const MEMBER = 0;
/** The last member in this object, or -1. */
const LAST = 1;
/** Array: position of the last comma. */
const COMMA = 2;
const FLAGS = 3;
/** Object: id of the last name in it, or -1. */
const NAME = 4;
/** How many records had closed when this container began. */
const RECORDS_BEFORE = 5;

const IS_ARRAY = 1;
/** Array: an earlier item stays. */
const KEPT = 2;
/** Array: all items so far were left out, so the next comma goes too. */
const SWALLOW = 4;
const IS_RECORD = 8;

/** The open objects and arrays, with the plan by which each is read. Frame 0 is the document. */
export class Frames {
  top = 0;
  private readonly plans: Plan[] = [PLAIN_PLAN];
  private rows = new Int32Array(STRIDE * 16);

  constructor() {
    this.rows.fill(-1, MEMBER, FLAGS);
    this.rows[NAME] = -1;
  }

  push(plan: Plan, member: number, isObject: boolean, isRecord: boolean, recordsBefore: number): void {
    this.top++;
    const at = this.top * STRIDE;
    if (at === this.rows.length) {
      const larger = new Int32Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    this.plans[this.top] = plan;
    this.rows[at + MEMBER] = member;
    this.rows[at + LAST] = -1;
    this.rows[at + COMMA] = -1;
    this.rows[at + NAME] = -1;
    this.rows[at + RECORDS_BEFORE] = recordsBefore;
    this.rows[at + FLAGS] = (isObject ? 0 : IS_ARRAY) | (isRecord ? IS_RECORD : 0);
  }

  pop(): void {
    this.top--;
  }

  /** Of an object: its own plan. Of an array: the plan of its items. */
  get plan(): Plan {
    return this.plans[this.top] ?? PLAIN_PLAN;
  }

  get member(): number {
    return this.rows[this.top * STRIDE + MEMBER] as number;
  }

  get recordsBefore(): number {
    return this.rows[this.top * STRIDE + RECORDS_BEFORE] as number;
  }

  get last(): number {
    return this.rows[this.top * STRIDE + LAST] as number;
  }

  set last(member: number) {
    this.rows[this.top * STRIDE + LAST] = member;
  }

  get lastName(): number {
    return this.rows[this.top * STRIDE + NAME] as number;
  }

  set lastName(id: number) {
    this.rows[this.top * STRIDE + NAME] = id;
  }

  /** Id of the name that this container stands under in the object around it; -1 in an array. */
  get outerName(): number {
    return this.top === 0 ? -1 : (this.rows[(this.top - 1) * STRIDE + NAME] as number);
  }

  get comma(): number {
    return this.rows[this.top * STRIDE + COMMA] as number;
  }

  set comma(at: number) {
    this.rows[this.top * STRIDE + COMMA] = at;
  }

  get isArray(): boolean {
    return (this.flags & IS_ARRAY) !== 0;
  }

  get isRecord(): boolean {
    return (this.flags & IS_RECORD) !== 0;
  }

  get hasKept(): boolean {
    return (this.flags & KEPT) !== 0;
  }

  get swallows(): boolean {
    return (this.flags & SWALLOW) !== 0;
  }

  /** The item that ended stays. */
  keep(): void {
    this.rows[this.top * STRIDE + FLAGS] = (this.flags & ~SWALLOW) | KEPT;
  }

  /** Notes that the item that ended was left out. */
  drop(): void {
    if (!this.hasKept) this.rows[this.top * STRIDE + FLAGS] = this.flags | SWALLOW;
  }

  /** To be called when the window drops its first `count` bytes. */
  shift(count: number): void {
    for (let at = COMMA; at <= this.top * STRIDE + COMMA; at += STRIDE)
      this.rows[at] = Math.max((this.rows[at] as number) - count, -1);
  }

  private get flags(): number {
    return this.rows[this.top * STRIDE + FLAGS] as number;
  }
}
