import { PLAIN_PLAN, type Plan } from './plan.ts';

const STRIDE = 8;
const START = 0;
const FIRST_MEMBER = 1;
const TYPE_START = 2;
const TYPE_END = 3;
const ID_START = 4;
const ID_END = 5;
const FLAGS = 6;
/** Records it stands in. */
const DEPTH = 7;

const TYPE_ESCAPED = 1;
const ID_ESCAPED = 2;

/**
 * The open records, the outermost first, or those that wait to be decided on. Positions are indexes into the window.
 */
export class Records {
  count = 0;
  private readonly plans: Plan[] = [];
  private rows = new Int32Array(STRIDE * 8);

  open(plan: Plan, start: number, firstMember: number): void {
    const at = this.count * STRIDE;
    if (at === this.rows.length) {
      const larger = new Int32Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    for (let column = TYPE_START; column <= ID_END; column++) this.rows[at + column] = -1;
    this.rows[at + FLAGS] = 0;
    this.rows[at + START] = start;
    this.rows[at + FIRST_MEMBER] = firstMember;
    this.rows[at + DEPTH] = this.count;
    this.plans[this.count++] = plan;
  }

  /** Adds the innermost of the `others`. @param firstMember where its members have been moved to */
  append(others: Records, firstMember: number): void {
    this.open(others.plan, others.start, firstMember);
    const at = (this.count - 1) * STRIDE;
    const from = (others.count - 1) * STRIDE;
    for (let column = TYPE_START; column <= DEPTH; column++)
      this.rows[at + column] = others.rows[from + column] as number;
  }

  close(): void {
    this.count--;
  }

  /** The plan of the innermost record. */
  get plan(): Plan {
    return this.plans[this.count - 1] ?? PLAIN_PLAN;
  }

  /** Where the innermost record begins. */
  get start(): number {
    return this.top(START);
  }

  /** Index of the innermost record's first member. */
  get firstMember(): number {
    return this.top(FIRST_MEMBER);
  }

  get depth(): number {
    return this.top(DEPTH);
  }

  /** Where the innermost record says its type; -1 when it does not. */
  get typeStart(): number {
    return this.top(TYPE_START);
  }

  get typeEnd(): number {
    return this.top(TYPE_END);
  }

  get idStart(): number {
    return this.top(ID_START);
  }

  get idEnd(): number {
    return this.top(ID_END);
  }

  /** The type is spelled with escapes. */
  get isTypeEscaped(): boolean {
    return (this.top(FLAGS) & TYPE_ESCAPED) !== 0;
  }

  get isIdEscaped(): boolean {
    return (this.top(FLAGS) & ID_ESCAPED) !== 0;
  }

  setType(start: number, end: number, escaped: boolean): void {
    this.set(TYPE_START, start, end, escaped ? TYPE_ESCAPED : 0);
  }

  setId(start: number, end: number, escaped: boolean): void {
    this.set(ID_START, start, end, escaped ? ID_ESCAPED : 0);
  }

  /**
   * To be called when the window drops its first `count` bytes.
   * @param first earlier records have left with the dropped bytes
   */
  shift(count: number, first = 0): void {
    const { rows } = this;
    for (let at = first * STRIDE; at < this.count * STRIDE; at += STRIDE) {
      rows[at + START] = (rows[at + START] as number) - count;
      for (let column = TYPE_START; column <= ID_END; column++)
        if ((rows[at + column] as number) >= 0) rows[at + column] = (rows[at + column] as number) - count;
    }
  }

  private top(column: number): number {
    return this.rows[(this.count - 1) * STRIDE + column] as number;
  }

  private set(column: number, start: number, end: number, flag: number): void {
    const at = (this.count - 1) * STRIDE;
    this.rows[at + column] = start;
    this.rows[at + column + 1] = end;
    this.rows[at + FLAGS] = (this.rows[at + FLAGS] as number) | flag;
  }
}
