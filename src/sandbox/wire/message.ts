import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type Json, readJson, writeJson } from './json.ts';

/** A request after its body has been read and its content coding taken off. */
export interface SandboxRequest {
  /** Upper case; HEAD arrives as GET. */
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly path: string;
  /** Decoded path segments. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SandboxAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same buffer twice is compressed once. */
  readonly body?: Buffer;
}

export type Handler = (request: SandboxRequest) => SandboxAnswer;

/** An error of the CRM, thrown where it is found and answered in the CRM's own shape. */
export class AnswerError extends Error {
  readonly answer: SandboxAnswer;

  constructor(answer: SandboxAnswer) {
    super(`The sandbox answers ${answer.status}.`);
    this.name = 'AnswerError';
    this.answer = answer;
  }
}

export function jsonAnswer(
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): SandboxAnswer {
  return textAnswer(status, 'application/json;charset=UTF-8', writeJson(body), headers);
}

export function textAnswer(
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): SandboxAnswer {
  return {
    status,
    headers: { 'content-type': contentType, ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

export const NO_CONTENT: SandboxAnswer = { status: 204 };

/** The JSON object in a body; undefined when it is not one. */
export function jsonBody(request: SandboxRequest): { readonly [name: string]: Json } | undefined {
  try {
    const body = readJson(request.body.toString('utf8'));
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The credential of `Authorization: Bearer`, RFC 6750 section 2.1. */
export function bearerOf(request: SandboxRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
