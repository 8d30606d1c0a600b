/** What names of fields begin with and are made of, paths to those of related records included. */
const FIELD_NAME = /^[\p{L}_$][\p{L}\p{M}\p{N}_ .:/()$-]*$/u;

/**
 * A name as it may stand in the audit trail and in messages: a member may be named by a value, such as an address or a
 * number under which something is kept.
 */
export function reportedName(name: string, otherwise: string): string {
  return FIELD_NAME.test(name) ? name : otherwise;
}
