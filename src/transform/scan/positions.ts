const ROOM_AT_START = 256;

/** Numbers in the order they were added, in room that is used for every text. */
export class Positions {
  count = 0;
  list = new Uint32Array(ROOM_AT_START);

  add(position: number): void {
    if (this.count === this.list.length) this.grow();
    this.list[this.count++] = position;
  }

  private grow(): void {
    const larger = new Uint32Array(this.list.length * 2);
    larger.set(this.list);
    this.list = larger;
  }
}
