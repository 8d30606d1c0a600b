import type { Detector } from '../../model/treatment.ts';
import type { Span } from './span.ts';

/**
 * Where finds overlap, the detector further left names the whole: one with check digits comes before one that goes by
 * looks.
 */
const SUREST_FIRST: readonly Detector[] = ['email', 'iban', 'card', 'national-id', 'phone'];

/** Start, end and detector. */
const STRIDE = 3;
const ROOM_AT_START = 64;
/** Up to this many, insertion sort is faster than the native sort. */
const FEW = 16;

/** What is found in a text, in any order until it is merged. */
export class Finds {
  count = 0;
  private list = new Uint32Array(STRIDE * ROOM_AT_START);

  clear(): void {
    this.count = 0;
  }

  add(detector: Detector, start: number, end: number): void {
    this.addRanked(SUREST_FIRST.indexOf(detector), start, end);
  }

  /** @param rank see `rankOf` */
  addRanked(rank: number, start: number, end: number): void {
    if (this.count * STRIDE === this.list.length) this.grow();
    this.set(this.count++, start, end, rank);
  }

  addAll(detector: Detector, spans: readonly Span[]): void {
    for (const { start, end } of spans) this.add(detector, start, end);
  }

  startOf(find: number): number {
    return this.list[find * STRIDE] as number;
  }

  endOf(find: number): number {
    return this.list[find * STRIDE + 1] as number;
  }

  /** Stands for the detector: a small number, at least 0. */
  rankOf(find: number): number {
    return this.list[find * STRIDE + 2] as number;
  }

  detectorOf(find: number): Detector {
    return SUREST_FIRST[this.rankOf(find)] as Detector;
  }

  /** Moves every position elsewhere. */
  movePositions(placeOf: (position: number) => number): void {
    for (let find = 0; find < this.count; find++) {
      this.set(find, placeOf(this.startOf(find)), placeOf(this.endOf(find)), this.rankOf(find));
    }
  }

  /** Moves every find to another place. */
  move(placeOf: (span: Span) => Span): void {
    for (let find = 0; find < this.count; find++) {
      const { start, end } = placeOf({ start: this.startOf(find), end: this.endOf(find) });
      this.set(find, start, end, this.rankOf(find));
    }
  }

  /** Sorts the finds and joins those that overlap, so that no part of either shows. */
  merge(): void {
    if (this.count < 2) return;
    if (this.count > FEW) this.sort();
    else this.sortFew();
    let last = 0;
    for (let find = 1; find < this.count; find++) {
      const end = this.endOf(last);
      if (this.startOf(find) >= end) {
        this.copy(find, ++last);
        continue;
      }
      const rank = Math.min(this.rankOf(last), this.rankOf(find));
      this.set(last, this.startOf(last), Math.max(end, this.endOf(find)), rank);
    }
    this.count = last + 1;
  }

  private set(find: number, start: number, end: number, rank: number): void {
    const { list } = this;
    list[find * STRIDE] = start;
    list[find * STRIDE + 1] = end;
    list[find * STRIDE + 2] = rank;
  }

  private copy(find: number, to: number): void {
    this.set(to, this.startOf(find), this.endOf(find), this.rankOf(find));
  }

  /** By start. Which of two at the same place comes first makes no difference once they are joined. */
  private sortFew(): void {
    for (let find = 1; find < this.count; find++) {
      const start = this.startOf(find);
      const end = this.endOf(find);
      const rank = this.rankOf(find);
      let at = find;
      while (at > 0 && this.startOf(at - 1) > start) this.copy(at - 1, at--);
      this.set(at, start, end, rank);
    }
  }

  private sort(): void {
    const { list } = this;
    const order = Uint32Array.from({ length: this.count }, (_, find) => find);
    order.sort((a, b) => (list[a * STRIDE] as number) - (list[b * STRIDE] as number));
    const sorted = new Uint32Array(list.length);
    for (const [at, find] of order.entries())
      sorted.set(list.subarray(find * STRIDE, (find + 1) * STRIDE), at * STRIDE);
    this.list = sorted;
  }

  private grow(): void {
    const larger = new Uint32Array(this.list.length * 2);
    larger.set(this.list);
    this.list = larger;
  }
}
