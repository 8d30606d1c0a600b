import type { Splices } from '../splices.ts';

const OPEN = 0;
/** An item stays. */
const KEPT = 1;
/** All items so far were left out, so the next comma goes too. */
const SWALLOWS = 2;

/** The open arrays whose items may be left out, and what has become of their items so far. */
export class Lists {
  private readonly states: number[] = [];

  open(): void {
    this.states.push(OPEN);
  }

  close(): void {
    this.states.pop();
  }

  /**
   * Begins an item. Where the items before it were left out with their comma, it becomes the first.
   * @param comma the one before the item, or -1
   */
  begin(comma: number, start: number, splices: Splices | undefined): void {
    if (this.states.at(-1) === SWALLOWS) splices?.cut(comma, start);
  }

  /** The item stays. */
  keep(): void {
    this.states[this.states.length - 1] = KEPT;
  }

  /** Takes the item out, and the comma before it unless no earlier item stays. */
  leaveOut(comma: number, start: number, end: number, splices: Splices | undefined): void {
    const hasKept = this.states.at(-1) === KEPT;
    splices?.cut(hasKept ? comma : start, end);
    if (!hasKept) this.states[this.states.length - 1] = SWALLOWS;
  }
}
