import { fileOf, type SeedFile } from '../files.ts';
import type { Json } from '../wire/json.ts';
import { jsonAnswer, type SandboxAnswer, type SandboxRequest, textAnswer } from '../wire/message.ts';
import { invalid, noSuchRoute, objectNotFound } from './errors.ts';
import type { Call, Portal } from './portal.ts';

interface StoredFile extends SeedFile {
  readonly id: string;
  readonly access: 'PRIVATE' | 'PUBLIC_NOT_INDEXABLE';
}

/** Files of the first people. */
const SEEDED = 40;
const FIRST_ID = 8_000_001;
const UPLOADED_ACCESS = 'PRIVATE';
const SIGNATURE = 'c2FuZGJveA';
const EXPIRES_MS = 60_000;
/** As HubSpot calls the types. */
const TYPES: Readonly<Record<string, string>> = { pdf: 'DOCUMENT', png: 'IMG', txt: 'TEXT' };

function fileJson(portal: Portal, file: StoredFile): { readonly [name: string]: Json } {
  const url = `${portal.publicUrl()}/hubfs/${file.id}.${file.extension}`;
  return {
    id: file.id,
    createdAt: '2026-01-15T09:30:00.000Z',
    updatedAt: '2026-01-15T09:30:00.000Z',
    archived: false,
    parentFolderId: file.category === 'medical' ? '902' : '901',
    name: file.title,
    path: `/${file.category}/${file.title}.${file.extension}`,
    size: file.bytes.byteLength,
    type: TYPES[file.extension] ?? 'OTHER',
    extension: file.extension,
    defaultHostingUrl: url,
    url,
    isUsableInContent: false,
    access: file.access,
  };
}

/** One part of a form: its headers and bytes. */
interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** RFC 7578, as far as HubSpot's own client writes it. */
function partsOf(request: SandboxRequest): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw invalid('Expected a multipart form.');
  const pieces = request.body.toString('latin1').split(`--${boundary}`).slice(1, -1);
  return pieces.map((piece) => {
    const [head = '', ...rest] = piece.replace(/^\r\n/, '').split('\r\n\r\n');
    return {
      name: /name="([^"]*)"/i.exec(head)?.[1] ?? '',
      filename: /filename="([^"]*)"/i.exec(head)?.[1],
      contentType: /content-type:\s*(\S+)/i.exec(head)?.[1] ?? 'application/octet-stream',
      bytes: Buffer.from(rest.join('\r\n\r\n').replace(/\r\n$/, ''), 'latin1'),
    };
  });
}

export interface Files {
  /** `/files/v3/files…` */
  readonly answer: (call: Call) => SandboxAnswer;
  /** `/signed-files/{id}/{name}?signature=…`: whoever has the link has the file, as with the vendor. */
  readonly download: (request: SandboxRequest) => SandboxAnswer;
}

/** The file manager: a file each of the first people, and what is uploaded. */
export function portalFiles(portal: Portal): Files {
  const files = new Map<string, StoredFile>();
  const keep = (file: SeedFile, access: StoredFile['access']): StoredFile => {
    const stored = { ...file, id: String(FIRST_ID + files.size), access };
    files.set(stored.id, stored);
    return stored;
  };
  for (const [index, person] of portal.people.slice(0, SEEDED).entries())
    keep(fileOf(person, index), 'PRIVATE');
  const require = (id: string | undefined): StoredFile => {
    const file = files.get(id ?? '');
    if (!file) throw objectNotFound();
    return file;
  };
  const upload = (request: SandboxRequest): SandboxAnswer => {
    const part = partsOf(request).find(({ name }) => name === 'file');
    if (part?.filename === undefined) throw invalid('Missing file.');
    const [, title = part.filename, extension = ''] = /^(.*)\.(\w+)$/.exec(part.filename) ?? [];
    const { contentType, bytes } = part;
    const file = keep(
      { title, extension, contentType, bytes, fileType: 'UNKNOWN', category: 'letter' },
      UPLOADED_ACCESS,
    );
    return jsonAnswer(201, fileJson(portal, file));
  };
  const signed = (file: StoredFile): SandboxAnswer => {
    const { name = null, extension = null, size = null, type = null } = fileJson(portal, file);
    const url = `${portal.publicUrl()}/signed-files/${file.id}/${encodeURIComponent(file.title)}?signature=${SIGNATURE}`;
    const expiresAt = new Date(portal.now() + EXPIRES_MS).toISOString();
    return jsonAnswer(200, { url, expiresAt, name, extension, size, type });
  };
  return {
    answer: (call) => {
      const [, id, part] = call.rest;
      const { method } = call.request;
      if (method === 'POST' && id === undefined) return upload(call.request);
      if (method !== 'GET') throw noSuchRoute();
      if (id === 'search')
        return jsonAnswer(200, { results: [...files.values()].map((file) => fileJson(portal, file)) });
      const file = require(id);
      if (part === 'signed-url') return signed(file);
      if (part !== undefined) throw noSuchRoute();
      return jsonAnswer(200, fileJson(portal, file));
    },
    download: (request) => {
      const file = require(request.segments[1]);
      if (request.query.get('signature') !== SIGNATURE) throw objectNotFound();
      return textAnswer(200, file.contentType, file.bytes, {
        'content-disposition': `attachment; filename="${file.title}.${file.extension}"`,
      });
    },
  };
}
