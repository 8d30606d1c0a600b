import type { CrmRequest } from '../model/request.ts';

/** The request with a query parameter set: at its first place, or at the end. */
export function withParameter(request: CrmRequest, name: string, value: string): CrmRequest {
  const at = request.query.findIndex(([key]) => key === name);
  const query = request.query.filter(([key], index) => key !== name || index === at);
  return {
    ...request,
    query:
      at < 0 ? [...query, [name, value]] : query.map((pair) => (pair[0] === name ? [name, value] : pair)),
  };
}

/** The request with one path segment replaced, e.g. a sealed locator by the CRM's own. */
export function withSegment(request: CrmRequest, index: number, value: string): CrmRequest {
  const segments = request.segments.map((segment, at) => (at === index ? value : segment));
  return { ...request, segments, path: `/${segments.map(encodeURIComponent).join('/')}` };
}

/** The request with another JSON body. */
export function withJsonBody(request: CrmRequest, value: unknown): CrmRequest {
  return { ...request, body: Buffer.from(JSON.stringify(value)) };
}

/** A GET that a read of current values sends. */
export function getRequest(path: string, query: CrmRequest['query'] = []): CrmRequest {
  return {
    method: 'GET',
    path,
    segments: path.split('/').slice(1).map(decodeURIComponent),
    query,
    contentType: '',
    accept: 'application/json',
  };
}

/** A path from decoded segments. */
export function pathOf(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`;
}
