import type { QueryBase } from './parse.ts';
import { lexemesOf } from './where.ts';

export const LINKS = 'ContentDocumentLink';
export const LINKS_UNCHOSEN =
  "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.";

const CHOOSING = new Set(['id', 'contentdocumentid', 'linkedentityid']);
/** May be compared with what a query finds. */
const ENTITY = 'linkedentityid';

/**
 * Links of files are found by themselves or by one of their ends only.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
 */
export function choosesLinks(where: QueryBase['where']): boolean {
  const lexemes = where === undefined ? [] : lexemesOf(where);
  const isAlternative = lexemes.some((lexeme) => lexeme === 'OR' || lexeme === 'NOT');
  return !isAlternative && lexemes.some(chooses);
}

function chooses(lexeme: ReturnType<typeof lexemesOf>[number]): boolean {
  if (typeof lexeme === 'string' || !('field' in lexeme)) return false;
  const field = lexeme.field.toLowerCase();
  if (!CHOOSING.has(field) || ('valueQuery' in lexeme && field !== ENTITY)) return false;
  return ['=', 'IN'].includes(lexeme.operator);
}
