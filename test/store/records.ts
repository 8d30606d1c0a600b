import type { JournalReader } from '../../src/store/journal-reader.ts';

export const SEGMENT_BYTES = 8_192;

export const LIMITS = { storeFreeBytesMin: 0 };

export const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text));

export const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `record ${from + index}`);

export async function contentOf(
  reader: Pick<JournalReader, 'after'>,
  after = 0,
  limit = 1_000_000,
): Promise<string[]> {
  return (await reader.after(after, limit)).map(({ value }) => value.toString());
}
