/**
 * The names seen in each open object, to find duplicates. Compared as text, because the name table may learn a name
 * while an object is open.
 */
export class MemberNames {
  private readonly sets: Set<string>[] = [];
  private length = 0;
  private readonly lengths: number[] = [];

  /** Characters of all names remembered. */
  get size(): number {
    return this.length;
  }

  open(depth: number): void {
    this.sets[depth]?.clear();
    this.lengths[depth] = this.length;
  }

  close(depth: number): void {
    this.length = this.lengths[depth] ?? 0;
    this.sets[depth]?.clear();
  }

  /** False when the object at this depth has the name already. */
  add(depth: number, name: string): boolean {
    let set = this.sets[depth];
    if (set === undefined) {
      set = new Set();
      this.sets[depth] = set;
    }
    if (set.has(name)) return false;
    set.add(name);
    this.length += name.length + 1;
    return true;
  }
}
