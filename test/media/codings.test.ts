import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decoder, encoder, parseContentEncoding, READABLE_CODINGS } from '../../src/media/codings.ts';
import { MediaError } from '../../src/media/rewriter.ts';
import { salesforcePage } from './salesforce-page.ts';

const LIMITS = { decodedBytesMax: 10_000_000, expansionRatioMax: 500 };
const PAGE = salesforcePage(300);

async function collect(chunks: Iterable<Buffer>, ...steps: NodeJS.ReadWriteStream[]): Promise<Buffer> {
  const out: Buffer[] = [];
  const end = new PassThrough();
  end.on('data', (chunk: Buffer) => out.push(chunk));
  await pipeline([Readable.from(chunks), ...steps, end]);
  return Buffer.concat(out);
}

function inChunks(body: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
    body.subarray(index * size, (index + 1) * size),
  );
}

const coded = READABLE_CODINGS.filter((coding) => coding !== 'identity');

describe('content codings', () => {
  it.each(READABLE_CODINGS)('%s comes back as it was', async (coding) => {
    expect(await collect(inChunks(PAGE, 1_000), encoder(coding), decoder(coding, LIMITS))).toEqual(PAGE);
  });

  it.each(READABLE_CODINGS)('%s comes back when fed byte by byte', async (coding) => {
    const body = await collect([PAGE.subarray(0, 3_000)], encoder(coding));
    expect(await collect(inChunks(body, 1), decoder(coding, LIMITS))).toEqual(PAGE.subarray(0, 3_000));
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['br', zlib.brotliCompressSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['zstd', zlib.zstdCompressSync],
  ] as const)('%s of another writer is read', async (coding, compress) => {
    expect(await collect(inChunks(compress(PAGE), 777), decoder(coding, LIMITS))).toEqual(PAGE);
  });

  it.each([1, 7, 400, 1_000_000])('zstd of several frames is read, in chunks of %i bytes', async (size) => {
    const skipped = Buffer.from('502a4d1803000000010203', 'hex');
    const frames = [PAGE.subarray(0, 5_000), Buffer.alloc(0), PAGE.subarray(5_000, 9_000)].map((part) =>
      zlib.zstdCompressSync(part),
    );
    for (const body of [Buffer.concat(frames), Buffer.concat([skipped, ...frames, skipped])])
      expect(await collect(inChunks(body, size), decoder('zstd', LIMITS))).toEqual(PAGE.subarray(0, 9_000));
  });

  it('zstd of several frames is malformed if the last is cut short, and bounded as a whole', async () => {
    const frame = zlib.zstdCompressSync(PAGE);
    const cut = collect([Buffer.concat([frame, frame.subarray(0, -9)])], decoder('zstd', LIMITS));
    await expect(cut).rejects.toMatchObject({ name: 'MediaError', reason: 'malformed' });
    const limits = { ...LIMITS, decodedBytesMax: PAGE.length * 2 - 1 };
    const large = collect([Buffer.concat([frame, frame])], decoder('zstd', limits));
    await expect(large).rejects.toMatchObject({ reason: 'limit' });
    const empty = zlib.zstdCompressSync('');
    const many = collect([Buffer.concat(Array<Buffer>(2_000).fill(empty))], decoder('zstd', LIMITS));
    await expect(many).rejects.toMatchObject({ reason: 'limit' });
  });

  it.each(coded)('%s that is cut short is malformed', async (coding) => {
    const body = await collect([PAGE], encoder(coding));
    const cut = collect([body.subarray(0, body.length - 9)], decoder(coding, LIMITS));
    await expect(cut).rejects.toMatchObject({ name: 'MediaError', reason: 'malformed' });
  });

  it.each(coded)('%s that is damaged is malformed', async (coding) => {
    const damaged = collect(
      [Buffer.from('not coded at all, whatever the header says')],
      decoder(coding, LIMITS),
    );
    await expect(damaged).rejects.toBeInstanceOf(MediaError);
  });

  it.each(coded)('%s with data after it is malformed, in the same chunk or later', async (coding) => {
    const body = await collect([Buffer.from('a record')], encoder(coding));
    const tail = Buffer.from('and more');
    for (const chunks of [[Buffer.concat([body, tail])], [body, tail], [body, tail, tail]])
      await expect(collect(chunks, decoder(coding, LIMITS))).rejects.toMatchObject({ reason: 'malformed' });
  });

  it.each(coded)('%s that expands beyond the ratio is a bomb', async (coding) => {
    const bomb = await collect([Buffer.alloc(9_000_000)], encoder(coding));
    const limits = { ...LIMITS, expansionRatioMax: 50 };
    await expect(collect([bomb], decoder(coding, limits))).rejects.toMatchObject({ reason: 'limit' });
  });

  it.each(READABLE_CODINGS)('%s that decodes to more than the limit is refused', async (coding) => {
    const body = await collect([PAGE], encoder(coding));
    const limits = { ...LIMITS, decodedBytesMax: 100_000 };
    await expect(collect([body], decoder(coding, limits))).rejects.toMatchObject({ reason: 'limit' });
  });

  it.each(READABLE_CODINGS)('%s lets what was written leave before the end', async (coding) => {
    const stream = encoder(coding);
    const reader = decoder(coding, LIMITS);
    stream.pipe(reader);
    stream.write('first record');
    const [first] = (await once(reader, 'data')) as [Buffer];
    expect(first.toString()).toBe('first record');
    stream.destroy();
    reader.destroy();
  });

  it.each(coded)('%s holds back when its reader does', async (coding) => {
    const body = await collect([Buffer.alloc(8_000_000, 'ab')], encoder(coding));
    const reader = decoder(coding, { ...LIMITS, expansionRatioMax: 1_000_000 });
    reader.end(body);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(reader.readableLength).toBeLessThan(500_000);
    reader.destroy();
  });

  it.each([
    ['', []],
    ['gzip', ['gzip']],
    ['X-GZip', ['gzip']],
    ['identity', []],
    ['deflate, br', ['deflate', 'br']],
    ['gzip ,identity, gzip', ['gzip', 'gzip']],
    ['compress', undefined],
    ['gzip, unknown', undefined],
    ['gzip, gzip, gzip, gzip', undefined],
  ])('Content-Encoding %j is %j', (value, codings) => {
    expect(parseContentEncoding(value)).toEqual(codings);
  });
});
