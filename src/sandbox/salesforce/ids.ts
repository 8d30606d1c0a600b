const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The three letters that make a case-sensitive 15-character id safe where case is lost. */
function suffixOf(id15: string): string {
  return [0, 5, 10]
    .map((start) => {
      const capitals = [0, 1, 2, 3, 4].filter((index) => /[A-Z]/.test(id15.charAt(start + index)));
      return ALPHABET.charAt(capitals.reduce((sum, index) => sum + 2 ** index, 0));
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
