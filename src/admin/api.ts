/** Policy administration point: the API for programs. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PrivetError } from '../errors.ts';
import type { LoginWatch } from '../identity/login/login-watch.ts';
import type { Limits } from '../limits.ts';
import { parseStrictJson } from '../media/strict-json.ts';
import { API_ERRORS, ApiError, sendError } from './api-error.ts';
import { createIdentify } from './api-keys.ts';
import type { AdminKey, AdminRight } from './config.ts';
import { API_DESCRIPTION } from './openapi.ts';

/** Answers a call. @param body parsed strictly @throws ApiError, PrivetError */
export type ApiRoute = (body: unknown, key: AdminKey) => Promise<object>;

/** A route, and what a key must be allowed for it. */
export interface ApiOperation {
  readonly path: string;
  readonly may: AdminRight;
  readonly run: ApiRoute;
}

export interface ApiOptions {
  readonly keys: readonly AdminKey[];
  readonly watch: LoginWatch;
  readonly operations: readonly ApiOperation[];
  readonly limits: Pick<Limits, 'adminBodyBytesMax' | 'credentialBytesMax' | 'depthMax'>;
  /** Called with errors that are not the caller's fault. */
  readonly failed: (error: unknown) => void;
}

const DESCRIPTION_PATH = '/api/openapi.json';

/** Adds the API to the admin server. It takes only POST with JSON, so that no personal value is ever in a URL. */
export function addApi(app: FastifyInstance, { keys, watch, operations, limits, failed }: ApiOptions): void {
  const identify = createIdentify(keys, watch, limits);
  void app.register(async (api) => {
    api.removeAllContentTypeParsers();
    api.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: limits.adminBodyBytesMax },
      async (_: FastifyRequest, body: Buffer) => parseBody(body, limits),
    );
    api.setErrorHandler((error, _, reply) => answerError(reply, error, failed));
    const methods = new Map([
      [DESCRIPTION_PATH, 'GET, HEAD'],
      ...operations.map(({ path }) => [path, 'POST'] as const),
    ]);
    api.setNotFoundHandler((request, reply) => {
      const allow = methods.get(request.url.replace(/\?.*$/s, ''));
      if (allow === undefined) return answerError(reply, new ApiError('NOT_FOUND'), failed);
      return answerError(reply.header('allow', allow), new ApiError('METHOD_UNKNOWN'), failed);
    });
    api.get(DESCRIPTION_PATH, async (request) => {
      identify(request);
      return API_DESCRIPTION;
    });
    for (const { path, may, run } of operations) {
      const holders = new WeakMap<FastifyRequest, AdminKey>();
      api.post(path, {
        // Before the body is read.
        onRequest: async (request) => {
          const key = identify(request);
          if (!key.may.includes(may)) throw new ApiError('FORBIDDEN');
          holders.set(request, key);
        },
        handler: async (request) => {
          const key = holders.get(request);
          if (key === undefined) throw new ApiError('UNAUTHENTICATED');
          return run(request.body, key);
        },
      });
    }
  });
}

function parseBody(body: Buffer, limits: Pick<Limits, 'depthMax'>): unknown {
  try {
    return parseStrictJson(body, limits);
  } catch {
    throw new ApiError('BODY_INVALID', 'It is not strict JSON: UTF-8, and no name twice in an object.');
  }
}

function answerError(reply: FastifyReply, error: unknown, failed: (error: unknown) => void): FastifyReply {
  const known = apiErrorOf(error);
  if (known !== undefined) return sendError(reply, API_ERRORS[known.code].status, known.code, known.message);
  failed(error);
  if (error instanceof PrivetError && error.code === 'CONSENT_UNAVAILABLE')
    return sendError(reply.header('retry-after', '5'), 503, error.code, error.message);
  if (error instanceof PrivetError) return sendError(reply, error.status, error.code, error.message);
  const { code, message } = new PrivetError('INTERNAL');
  return sendError(reply, 500, code, message);
}

/** Fastify's own refusals have codes of its own. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ApiError('BODY_TOO_LARGE');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ApiError('MEDIA_TYPE_UNKNOWN');
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return new ApiError('BODY_INVALID');
  return undefined;
}
