import { describe, expect, it } from 'vitest';
import { createHubspotAdapter } from '../../../src/crm/hubspot/adapter.ts';
import { crmRequest, nothingSealed, recognised, usesOf } from '../request.ts';

const adapter = createHubspotAdapter();

describe('HubSpot files', () => {
  it.each([
    ['GET /files/v3/files/8000001', 'file-read', 'read', ['files.* select']],
    [
      'GET /files/2026-03/files/8000001?properties=name&properties=size',
      'file-read',
      'read',
      ['files.name select', 'files.size select'],
    ],
    [
      'GET /files/v3/files/search?name=report&sizeGte=5&sort=-createdAt&limit=5',
      'file-search',
      'search',
      ['files.name filter', 'files.size filter', 'files.createdAt sort', 'files.* select'],
    ],
    ['POST /files/v3/files', 'file-upload', 'create', ['files.* write']],
    ['DELETE /files/v3/files/8000001', 'file-delete', 'delete', []],
    ['DELETE /files/v3/files/8000001/gdpr-delete', 'file-gdpr-delete', 'delete', []],
  ])('are described and kept: %s', (line, route, kind, uses) => {
    const operation = recognised(adapter, line);
    expect(operation).toMatchObject({ route, kind, objects: ['files'] });
    expect(usesOf(operation)).toEqual(uses);
  });

  it('are fetched by a signed URL', () => {
    const operation = recognised(adapter, 'GET /files/v3/files/8000001/signed-url?expirationSeconds=60');
    expect(operation).toMatchObject({ kind: 'file', file: { object: 'files', id: '8000001', field: 'url' } });
  });

  it('are uploaded by those who may see everything: a form is not read', () => {
    expect(recognised(adapter, 'POST /files/v3/files')).toMatchObject({
      needsClearView: true,
      body: { format: 'opaque' },
    });
  });

  it.each([
    'GET /files/v3/files/8000001/download',
    'GET /files/v3/files/stat/a',
    'GET /files/v3/files/latest/signed-url',
    'POST /files/v3/files/import-from-url/async',
    'GET /files/v3/files/8000001/signed-url?unknown=1',
    'GET /filemanager/api/v2/files/8000001/signed-url',
  ])('are nothing else: %s', (line) => {
    expect(adapter.recognise(crmRequest(line), nothingSealed)).toBeUndefined();
  });

  it('have a description that can be read beforehand', () => {
    const operation = recognised(adapter, 'GET /files/v3/files/8000001/signed-url?size=thumb');
    const read = adapter.readCurrent(operation, 'files', ['8000001'], ['type', 'path', 'size']);
    expect(read?.request).toMatchObject({ method: 'GET', path: '/files/v3/files/8000001', query: [] });
    const file = { id: '8000001', type: 'IMG', path: '/photo/a.png', size: 5, name: 'a' };
    expect(read?.values(file).get('8000001')).toEqual(
      new Map<string, unknown>([
        ['type', 'IMG'],
        ['path', '/photo/a.png'],
        ['size', 5],
      ]),
    );
    expect(read?.values({ ...file, id: '8000002' }).size).toBe(0);
  });
});
