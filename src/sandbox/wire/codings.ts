import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from 'node:zlib';

const ENCODERS = {
  gzip: (body: Buffer) => gzipSync(body, { level: 6 }),
  br: (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  deflate: (body: Buffer) => deflateSync(body),
} as const;

type Coding = keyof typeof ENCODERS;

const compressed = new WeakMap<Buffer, Map<Coding, Buffer>>();

/**
 * The first of gzip, br, deflate that the client accepts (RFC 9110 section 12.5.3); the same question, the same answer.
 */
export function chooseCoding(acceptEncoding: string | undefined): Coding | undefined {
  const accepted = new Map(
    (acceptEncoding ?? '').split(',').map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      return [name, !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))] as const;
    }),
  );
  return (['gzip', 'br', 'deflate'] as const).find(
    (coding) => accepted.get(coding) ?? accepted.get('*') ?? false,
  );
}

/** The body in a coding; kept for as long as the body itself is. */
export function encode(body: Buffer, coding: Coding): Buffer {
  const forms = compressed.get(body) ?? new Map<Coding, Buffer>();
  compressed.set(body, forms);
  const form = forms.get(coding) ?? ENCODERS[coding](body);
  forms.set(coding, form);
  return form;
}

/** Takes a request's content coding off. @throws Error on an unknown coding, damaged data, or more than `bytesMax` */
export function decode(body: Buffer, coding: string | undefined, bytesMax: number): Buffer {
  const options = { maxOutputLength: bytesMax };
  switch (coding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return body;
    case 'gzip':
      return gunzipSync(body, options);
    case 'br':
      return brotliDecompressSync(body, options);
    case 'deflate':
      return inflateSync(body, options);
    default:
      throw new RangeError('The content coding is not known.');
  }
}
