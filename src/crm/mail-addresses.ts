import { refuseBody } from './json-body.ts';

/** RFC 5321 section 4.5.3.1: a path, with its angle brackets. */
const ADDRESS_LENGTH_MAX = 254;
/**
 * An address as the CRMs take it (RFC 5322 section 3.4.1, RFC 6531): an unquoted local part and a domain without a dot
 * at its end. What mail systems read as another spelling of the same address (quoted local parts, comments, address
 * literals, the full stops of other scripts) is none.
 */
const ADDRESS =
  /^[^\s\p{C}\p{Z}"(),:;<>@[\\\]]+@[^\s\p{C}\p{Z}"(),:;<>@[\\\].。．｡]+(?:\.[^\s\p{C}\p{Z}"(),:;<>@[\\\].。．｡]+)*$/u;
/** RFC 5322 section 3.4: a display name before an address in angle brackets. */
const NAMED = /^[^<>]*<([^<>]*)>$/;

/**
 * The addresses in a member that names recipients: a text with one or more addresses, each with or without a display
 * name, or a list of such texts.
 * @throws PrivetError BODY_UNREADABLE when it is anything else: the mail might reach somebody who was not read
 */
export function addressesIn(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return mailboxesIn(value).map(addressOf);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.flatMap((text) => mailboxesIn(text).map(addressOf));
  }
  return refuseBody('a member that names recipients is neither a text nor a list of texts.');
}

/** Splits a list at its commas and semicolons, but not within a quoted display name. */
function mailboxesIn(list: string): string[] {
  const mailboxes = list.match(/(?:"(?:[^"\\]|\\.)*"|[^,;"])+|"/g) ?? [];
  return mailboxes.map((mailbox) => mailbox.trim()).filter((mailbox) => mailbox !== '');
}

function addressOf(mailbox: string): string {
  const address = NAMED.exec(mailbox)?.[1]?.trim() ?? mailbox;
  if (address.length <= ADDRESS_LENGTH_MAX && ADDRESS.test(address)) return address;
  return refuseBody('a recipient is not an e-mail address.');
}
