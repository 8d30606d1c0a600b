/**
 * A text without the differences that some CRMs ignore when they compare: case, accents, widths and blanks around it.
 * Any two texts that a CRM takes for equal are equal in this form.
 */
export function foldedText(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').trim().toLowerCase();
}
