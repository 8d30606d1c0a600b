const SEGMENTER = new Intl.Segmenter('und', { granularity: 'grapheme' });
const CARRIAGE_RETURN = 0x0d;

/** True when every code unit in the range is a grapheme by itself: ASCII, but not CR, which joins a following LF. */
function isPlain(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7e || unit === CARRIAGE_RETURN) return false;
  }
  return true;
}

/**
 * The first graphemes (UAX #29) of a text, so that a kept letter is never half a letter.
 * @returns undefined when the text has no more graphemes than that, and keeping them would show it whole
 */
export function firstGraphemes(text: string, count: number): string | undefined {
  if (text.length <= count) return undefined;
  // The unit after the kept ones is looked at too: it may be a combining mark on the last of them.
  if (isPlain(text, 0, count + 1)) return text.slice(0, count);
  const segments = SEGMENTER.segment(text);
  let end = 0;
  for (let kept = 0; kept < count; kept++) {
    end += segments.containing(end)?.segment.length ?? 0;
    if (end >= text.length) return undefined;
  }
  return text.slice(0, end);
}

/**
 * The last graphemes of a text. Reads from the end, so that a long text costs no more than a short one.
 * @returns undefined when the text has no more graphemes than that
 */
export function lastGraphemes(text: string, count: number): string | undefined {
  if (text.length <= count) return undefined;
  if (isPlain(text, text.length - count - 1, text.length)) return text.slice(text.length - count);
  const segments = SEGMENTER.segment(text);
  let start = text.length;
  for (let kept = 0; kept < count; kept++) {
    start = segments.containing(start - 1)?.index ?? 0;
    if (start <= 0) return undefined;
  }
  return text.slice(start);
}
