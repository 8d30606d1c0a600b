import type { FastifyReply } from 'fastify';
import { ERRORS } from '../errors.ts';

/** Errors of the API beyond Privet's own, all in one shape. */
export const API_ERRORS = {
  UNAUTHENTICATED: { status: 401, message: 'Send a key of admin.keys as a bearer token.' },
  FORBIDDEN: { status: 403, message: 'This key may not do that (admin.keys[].may).' },
  LOCKED_OUT: { status: 403, message: ERRORS.LOCKED_OUT.message },
  NOT_FOUND: { status: 404, message: 'There is nothing here.' },
  METHOD_UNKNOWN: { status: 405, message: 'This path does not take this method.' },
  BODY_INVALID: { status: 400, message: 'The body is not what the description says.' },
  BODY_TOO_LARGE: { status: 413, message: 'The body, or the list in it, is too large.' },
  MEDIA_TYPE_UNKNOWN: { status: 415, message: 'Send application/json.' },
} as const;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** An error that the API answers with. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, detail?: string) {
    const { message } = API_ERRORS[code];
    super(detail === undefined ? message : `${message} ${detail}`);
    this.name = 'ApiError';
    this.code = code;
  }
}

export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(status).send({ error: { code, message } });
}
