const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const SHORT = /^[A-Za-z0-9]{15}$/;
const LONG = /^[A-Za-z0-9]{18}$/;
export const SHORT_LENGTH = 15;
/** Each of the last three characters tells which of five characters are capitals. */
const GROUP = 5;
const CAPITAL_A = 65;
const CAPITAL_Z = 90;

export function isRecordId(text: string): boolean {
  return SHORT.test(text) || LONG.test(text);
}

/** 15 or 18 letters and digits, never letters alone: that tells ids from names of resources and fields. */
export function isNoName(segment: string): boolean {
  return isRecordId(segment) && /\d/.test(segment);
}

/**
 * The 18-character form of a record id, which is how answers spell ids; anything but a record id stays as it is.
 * Salesforce takes 18-character ids without regard to case, since their last three characters say what the others are.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/field_types.htm#i1435616
 */
export function longId(id: string): string {
  // The CRM's own answers spell it right, and hold thousands.
  if (LONG.test(id)) return id.endsWith(capitalsOf(id)) ? id : withItsCapitals(id);
  return SHORT.test(id) ? id + capitalsOf(id) : id;
}

function capitalsOf(id: string): string {
  let suffix = '';
  for (let start = 0; start < SHORT_LENGTH; start += GROUP) {
    let capitals = 0;
    for (let at = 0; at < GROUP; at++) {
      const code = id.charCodeAt(start + at);
      if (code >= CAPITAL_A && code <= CAPITAL_Z) capitals += 2 ** at;
    }
    suffix += ALPHABET.charAt(capitals);
  }
  return suffix;
}

function withItsCapitals(id: string): string {
  const suffix = id.slice(SHORT_LENGTH).toUpperCase();
  const groups = Array.from(suffix, (character) => ALPHABET.indexOf(character));
  if (groups.includes(-1)) return id;
  const characters = Array.from(id.slice(0, SHORT_LENGTH), (character, index) => {
    const isCapital = ((groups[Math.floor(index / GROUP)] ?? 0) >> (index % GROUP)) & 1;
    return isCapital === 1 ? character.toUpperCase() : character.toLowerCase();
  });
  return characters.join('') + suffix;
}
