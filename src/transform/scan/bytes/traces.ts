/** For each unit of a stretch of text, what it may be. */
type Stretch = readonly RegExp[];

function word(text: string): Stretch {
  return Array.from(text, (character) => new RegExp(character, 'i'));
}

/** A digit of a codice fiscale, or the letter in its place. */
const OMOCODE = /[\dLMNP-V]/i;
/** Year, month and day of a codice fiscale, its middle. */
const FISCAL_DATE: Stretch = [OMOCODE, OMOCODE, /[A-EHLMPRST]/i, OMOCODE, OMOCODE];
export const FISCAL_DATE_LENGTH = FISCAL_DATE.length;

/** Digits, signs of addresses in any spelling and of character references, and everything beyond ASCII. */
const SIGN: Stretch = [/[\d@&%\\([{<\x80-\xff]/];

/** One bit for each unit of all stretches. */
let bits = 0;
let starts = 0;
let ends = 0;
const fits = new Int32Array(256);

/** @returns the bit that says that the stretch is there */
function find(stretch: Stretch): number {
  starts |= 1 << bits;
  for (const unit of stretch) {
    for (let byte = 0; byte < fits.length; byte++)
      if (unit.test(String.fromCharCode(byte))) fits[byte] = (fits[byte] as number) | (1 << bits);
    bits++;
  }
  const end = 1 << (bits - 1);
  ends |= end;
  return end;
}

find(SIGN);
/** Words for a dot and an at sign, as bits of a trace. */
export const DOT_WORD = find(word(' dot ')) | find(word(' punto '));
export const AT_WORD = find(word(' at ')) | find(word(' arroba '));
export const FISCAL = find(FISCAL_DATE);

/** Before any unit. */
export const NO_TRACE = 0;

/**
 * All stretches are searched for at once by shift-and (Baeza-Yates and Gonnet, "A new approach to text searching", CACM
 * 1992): a bit of a trace is set when the last units fit a stretch from its first unit to the bit's.
 */
export const TRACES = {
  /** Bits of the stretches' first units. */
  starts,
  /** Bits of the stretches' last units: here is something that detectors start from. */
  ends,
  /** Bits that each unit fits. */
  fits,
};

export function traceAfter(trace: number, unit: number): number {
  return ((trace << 1) | TRACES.starts) & (TRACES.fits[unit] as number);
}
