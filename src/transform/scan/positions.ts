const ROOM_AT_START = 256;

/** Numbers in the order they were added, in room that is used for every text. */
export class Positions {
  count = 0;
  list = new Uint32Array(ROOM_AT_START);

  add(position: number): void {
    if (this.count === this.list.length) this.grow();
    this.list[this.count++] = position;
  }

  /** Makes room for so many more, which may then be written to the list. */
  reserve(more: number): void {
    if (this.count + more > this.list.length) this.grow(more);
  }

  private grow(more = 1): void {
    const larger = new Uint32Array(Math.max(this.list.length * 2, this.count + more));
    larger.set(this.list);
    this.list = larger;
  }
}
