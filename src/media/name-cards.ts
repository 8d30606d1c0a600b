/**
 * A card holds three names of four bytes each (the one that followed last, the one that followed before, the one that
 * came first in an object under it), then its own length, 1 when it stands apart, and its bytes.
 */
const CARD_BYTES = 64;
const OTHER_WORD = 1;
const FIRST_WORD = 2;
const LENGTH_AT = 12;
const APART_AT = 13;
const NAME_AT = 14;
const NAME_BYTES_MAX = CARD_BYTES - NAME_AT;
const PAGE_BYTES = 65_536;

/** Bytes before the first card, for those who read the cards. */
export const CARDS_AT = 2 * PAGE_BYTES;

/**
 * Remembers which names follow which, on cards of one size in a memory that WebAssembly can read (media/json/runs). The
 * card of the name `id` has the number `id + 1`; 0 stands for no name, so that untouched memory is valid.
 */
export class NameCards {
  /** Undefined where there is no WebAssembly (`node --jitless`). */
  readonly memory: WebAssembly.Memory | undefined;
  private readonly bytes: Uint8Array;
  private readonly words: Int32Array;

  /** @param namesMax `limits.namesMax` */
  constructor(namesMax: number) {
    const length = CARDS_AT + (namesMax + 1) * CARD_BYTES;
    this.memory =
      typeof WebAssembly === 'undefined'
        ? undefined
        : new WebAssembly.Memory({ initial: Math.ceil(length / PAGE_BYTES) });
    this.bytes = new Uint8Array(this.memory?.buffer ?? new ArrayBuffer(length));
    this.words = new Int32Array(this.bytes.buffer, 0, Math.floor(this.bytes.length / 4));
  }

  /**
   * Writes the name `name[start, end)`, which needs no escape in JSON, on its card. Names too long for a card have
   * none.
   */
  write(id: number, name: Buffer, start: number, end: number): void {
    if (end - start > NAME_BYTES_MAX) return;
    const at = cardAt(id);
    this.bytes[at + LENGTH_AT] = end - start;
    this.bytes.set(name.subarray(start, end), at + NAME_AT);
  }

  /** Marks a name whose values must be looked at each time. */
  setApart(id: number): void {
    this.bytes[cardAt(id) + APART_AT] = 1;
  }

  /** The name that last followed this one in an object; -1 for none. */
  follower(id: number): number {
    return (this.words[cardAt(id) >> 2] as number) - 1;
  }

  /** The one that followed before that: where records hold other records, objects of two types alternate. */
  otherFollower(id: number): number {
    return (this.words[(cardAt(id) >> 2) + OTHER_WORD] as number) - 1;
  }

  /** Remembers that `next` came after `id`. */
  follows(id: number, next: number): void {
    const at = cardAt(id) >> 2;
    if (this.words[at] === next + 1) return;
    this.words[at + OTHER_WORD] = this.words[at] as number;
    this.words[at] = next + 1;
  }

  /** Remembers that `first` came first in an object under `id`. */
  opens(id: number, first: number): void {
    this.words[(cardAt(id) >> 2) + FIRST_WORD] = first + 1;
  }
}

function cardAt(id: number): number {
  return CARDS_AT + (id + 1) * CARD_BYTES;
}
