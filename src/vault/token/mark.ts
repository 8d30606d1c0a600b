import { drawBytes } from '../keys/random.ts';

const NONCE_BYTES = 8;

/** Who begins so many uses of one token and hears of none is not told apart any more. */
const OPEN_MAX = 32;
/** Stands for uses that were not noted one by one: nobody hears of it, so it stays. */
const MANY = '';

/**
 * The uses of a token by one data subject that the CRM has not confirmed. `pending`: one of them may have arrived.
 * `refused`: the CRM said no to all of them. Every attempt has a nonce of its own, so that the end of one says nothing
 * about the others.
 */
export interface Mark {
  readonly state: 'pending' | 'refused';
  /** When the last was begun, or refused, in milliseconds since the epoch. */
  readonly at: number;
  /** Of the last. */
  readonly nonce: string;
  /** Of those before it of which nothing has been heard. Left out without any. */
  readonly open?: readonly string[];
}

/** The mark of a use that begins. @param before the mark that it takes the place of */
export function pendingMark(nowMs: number, before?: Uint8Array): Buffer {
  const nonce = drawBytes(NONCE_BYTES).toString('base64url');
  if (before === undefined) return encodeMark({ state: 'pending', at: nowMs, nonce });
  const open = openUses(decodeMark(before));
  return encodeMark(markOf([...(open.length < OPEN_MAX ? open : [MANY, ...open.slice(2)]), nonce], nowMs));
}

/**
 * What is left of a mark when the CRM has refused one of its uses: others may have arrived nevertheless.
 * @returns undefined when that use is not among them
 */
export function refusedMark(stored: Uint8Array, refused: Uint8Array, nowMs: number): Buffer | undefined {
  const mark = decodeMark(stored);
  const { nonce } = decodeMark(refused);
  const open = openUses(mark);
  if (!open.includes(nonce)) return undefined;
  const left = open.filter((one) => one !== nonce);
  return encodeMark(left.length === 0 ? { state: 'refused', at: nowMs, nonce } : markOf(left, mark.at));
}

/** @param uses of which nothing has been heard, the last at the end */
function markOf(uses: readonly string[], at: number): Mark {
  const open = uses.slice(0, -1);
  return { state: 'pending', at, nonce: uses.at(-1) ?? MANY, ...(open.length === 0 ? {} : { open }) };
}

function openUses({ state, nonce, open = [] }: Mark): readonly string[] {
  return state === 'refused' ? [] : [...open, nonce];
}

export function encodeMark(mark: Mark): Buffer {
  return Buffer.from(JSON.stringify(mark));
}

export function decodeMark(bytes: Uint8Array): Mark {
  // Written by this vault alone.
  return JSON.parse(Buffer.from(bytes).toString()) as Mark;
}
