const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The three letters that make a case-sensitive 15-character id safe where case is lost. */
function suffixOf(id15: string): string {
  return [0, 5, 10]
    .map((start) => {
      const bits = [...id15.slice(start, start + 5)].reduce(
        (sum, sign, index) => (sign >= 'A' && sign <= 'Z' ? sum | (1 << index) : sum),
        0,
      );
      return ALPHABET.charAt(bits);
    })
    .join('');
}

/** An 18-character record id. @param prefix the object's three-character key prefix */
export function recordId(prefix: string, number: number): string {
  let tail = '';
  for (let rest = number; tail.length < 5; rest = Math.floor(rest / 62))
    tail = BASE_62.charAt(rest % 62) + tail;
  const id15 = `${prefix}5g00000${tail}`;
  return id15 + suffixOf(id15);
}

/** 15 characters are made 18; anything else stays. */
export function normaliseId(id: string): string {
  return /^[0-9A-Za-z]{15}$/.test(id) ? id + suffixOf(id) : id;
}

export const ORGANIZATION_ID = normaliseId('00D5g000004Sand');
