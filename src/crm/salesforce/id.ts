const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const SHORT = /^[A-Za-z0-9]{15}$/;
const LONG = /^[A-Za-z0-9]{18}$/;
/** Each of the last three characters tells which of five characters are capitals. */
const GROUP = 5;

export function isRecordId(text: string): boolean {
  return SHORT.test(text) || LONG.test(text);
}

/**
 * The 18-character form of a record id, which is how answers spell ids; anything but a 15-character id stays as it is.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/field_types.htm#i1435616
 */
export function longId(id: string): string {
  if (!SHORT.test(id)) return id;
  let suffix = '';
  for (let start = 0; start < id.length; start += GROUP) {
    let capitals = 0;
    for (let at = 0; at < GROUP; at++) if (/[A-Z]/.test(id.charAt(start + at))) capitals += 2 ** at;
    suffix += ALPHABET.charAt(capitals);
  }
  return id + suffix;
}
