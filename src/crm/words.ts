/** A list of names written as one text, so that long lists stay readable. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
