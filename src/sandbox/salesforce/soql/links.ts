import type { QueryBase } from './parse.ts';
import { lexemesOf } from './where.ts';

export const LINKS = 'ContentDocumentLink';
export const LINKS_UNCHOSEN =
  "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.";

const ENDS = new Set(['contentdocumentid', 'linkedentityid']);

/**
 * Links of files are found by one of their ends only.
 * @see
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
 */
export function choosesLinks(where: QueryBase['where']): boolean {
  const lexemes = where === undefined ? [] : lexemesOf(where);
  const isAlternative = lexemes.some((lexeme) => lexeme === 'OR' || lexeme === 'NOT');
  return !isAlternative && lexemes.some(namesEnd);
}

function namesEnd(lexeme: ReturnType<typeof lexemesOf>[number]): boolean {
  if (typeof lexeme === 'string' || !('field' in lexeme) || 'valueQuery' in lexeme) return false;
  return ENDS.has(lexeme.field.toLowerCase()) && ['=', 'IN'].includes(lexeme.operator);
}
