import { type Duplex, pipeline, type Readable } from 'node:stream';
import type { DischargedRequest } from '../enforce/discharge.ts';
import type { UploadStage } from '../enforce/upload/upload-stage.ts';
import { PrivetError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { decoder, parseContentEncoding } from '../media/codings.ts';
import { ownToken } from './door.ts';
import type { House } from './house.ts';
import type { Passage } from './passage.ts';
import type { Received } from './receive.ts';
import { boundBody, hasBody } from './wire/body.ts';
import { gatherStage } from './wire/gather-stage.ts';
import type { Headers } from './wire/headers.ts';
import { type RequestHeadersOptions, requestHeaders } from './wire/request-headers.ts';

/** The headers that the CRM gets: the client's, without the credentials meant for Privet. */
export function headersFor(
  house: House,
  passage: Passage,
  { door }: Received,
  answered: Pick<RequestHeadersOptions, 'viewId' | 'rewritesAnswer' | 'isUnconditional'>,
): Headers {
  const { req } = passage;
  const headers = requestHeaders(req.headers, {
    ...answered,
    drop: door.identifier.credentialHeaders,
    client: {
      address: req.socket.remoteAddress ?? 'unknown',
      host: req.headers.host ?? '',
      scheme: house.isTls ? 'https' : 'http',
    },
  });
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && door.identifier.isMeantForPrivet(name, value)) delete headers[name];
  }
  const own = ownToken(door, passage, house.enforcement.posture);
  if (own === undefined) return headers;
  // A session cookie of the client could be somebody else's.
  delete headers['cookie'];
  headers['authorization'] = `Bearer ${own}`;
  return headers;
}

/** The body that the CRM gets; takes headers that no longer hold out of `headers`. @throws PrivetError BODY_UNREADABLE */
export function bodyFor(
  house: House,
  { req }: Passage,
  { body: read, upload }: DischargedRequest,
  headers: Headers,
): Buffer | Readable | undefined {
  if (read !== undefined) {
    // It was decoded to be read, and is sent decoded.
    delete headers['content-encoding'];
    return read;
  }
  if (!hasBody(req)) return undefined;
  const { limits, mode } = house.enforcement;
  // Observe mode changes nothing: a body that would have to be decoded passes unread.
  if (upload !== undefined && (mode === 'enforce' || req.headers['content-encoding'] === undefined)) {
    return rewrittenUpload(req, upload, headers, limits);
  }
  const length = req.headers['content-length'];
  if (length !== undefined) headers['content-length'] = length;
  return boundBody(req, limits.uploadBytesMax);
}

/** @throws PrivetError BODY_UNREADABLE */
function rewrittenUpload(
  req: Passage['req'],
  upload: readonly UploadStage[],
  headers: Headers,
  limits: Limits,
): Readable {
  const codings = parseContentEncoding(req.headers['content-encoding'] ?? '');
  if (codings === undefined) throw new PrivetError('BODY_UNREADABLE', 'Its content coding is not known.');
  // It is sent decoded, and its length may change.
  delete headers['content-encoding'];
  const decoding = { ...limits, decodedBytesMax: limits.uploadBytesMax };
  const stages = [
    ...codings.toReversed().map((coding) => decoder(coding, decoding)),
    ...upload.map((stage) => gatherStage(stage, limits.lookupWindowBytesMax)),
  ];
  return stages.reduce<Readable>(through, boundBody(req, limits.uploadBytesMax));
}

/** A failure on either side destroys both. */
export function through(from: Readable, stage: Duplex): Readable {
  pipeline(from, stage, () => undefined);
  return stage;
}
