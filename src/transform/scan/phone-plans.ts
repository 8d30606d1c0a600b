/** Beginnings and numbers of digits. */
type Plan = readonly [beginnings: readonly string[], digitsMin: number, digitsMax: number];

/**
 * Numbers as they are dialled within a country, or with its code but no plus, after the numbering plans that countries
 * file with the ITU (E.129). Tables instead of libphonenumber, which would have to be asked once per country for every
 * number in every text.
 */
const PLANS: readonly Plan[] = [
  [['[6-9]'], 9, 9], // ES
  [['34[6-9]'], 11, 11],
  [['1[2-8]', '2[2-69]', '3[2-4]', '4[1-468]', '5[0-36-9]', '6[0-35-9]', '7', '8[1-9]', '9[145]'], 9, 9], // PL
  [['48[1-9]'], 11, 11],
  [['0[1-9]'], 9, 12], // UA, DE, FR, IT, GB and others with the trunk prefix 0
  [['380[1-9]'], 12, 12], // UA
  [['8[1-9]'], 10, 11], // UA and neighbours with the old trunk prefix 8
  [['80[1-9]'], 11, 12],
  [['49[1-9]'], 12, 13], // DE
  [['33[1-9]'], 11, 11], // FR
  [['3'], 9, 10], // IT mobile
  [['393'], 11, 12],
  [['44[127]'], 12, 12], // GB
  [['[2-9][0-9][0-9][2-9]'], 10, 10], // US, CA
  [['1[2-9][0-9][0-9][2-9]'], 11, 11],
];

const DIGITS = Array.from('0123456789');
/** Digits of the longest beginning, and of the shortest and longest number. */
const BEGINNING_DIGITS = 5;
const PLAN_DIGITS_MIN = 9;
const PLAN_DIGITS_MAX = 13;

/** Possible lengths, as bits from the shortest on, by the first five digits. */
const LENGTHS = new Uint8Array(10 ** BEGINNING_DIGITS);
for (const [beginnings, digitsMin, digitsMax] of PLANS) {
  let lengths = 0;
  for (let digits = digitsMin; digits <= digitsMax; digits++) lengths |= 1 << (digits - PLAN_DIGITS_MIN);
  for (const beginning of beginnings.flatMap(spelledOut)) {
    const step = 10 ** (BEGINNING_DIGITS - beginning.length);
    const first = Number(beginning) * step;
    for (let five = first; five < first + step; five++) LENGTHS[five] = (LENGTHS[five] as number) | lengths;
  }
}

/** Of `34[6-9]`: 346, 347, 348 and 349. */
function spelledOut(beginning: string): string[] {
  return (beginning.match(/\[[^\]]+\]|\d/g) ?? []).reduce<string[]>(
    (heads, place) => {
      const fits = DIGITS.filter((digit) => new RegExp(place).test(digit));
      return heads.flatMap((head) => fits.map((digit) => head + digit));
    },
    [''],
  );
}

/** True when some country's plan has numbers like this. */
export function isPlanned(values: Uint32Array, from: number, length: number): boolean {
  if (length < PLAN_DIGITS_MIN || length > PLAN_DIGITS_MAX) return false;
  let five = 0;
  for (let at = from; at < from + BEGINNING_DIGITS; at++) five = five * 10 + (values[at] as number);
  return (((LENGTHS[five] as number) >> (length - PLAN_DIGITS_MIN)) & 1) === 1;
}
