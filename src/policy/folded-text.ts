/**
 * A text without what CRMs may or may not tell apart when they compare: case, accents, widths and blanks around it. Whatever
 * a CRM takes for equal to a word is equal in this form.
 */
export function foldedText(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').trim().toLowerCase();
}
