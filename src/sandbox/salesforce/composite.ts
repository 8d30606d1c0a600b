import { isJsonObject, type Json, readJson, writeJson } from '../wire/json.ts';
import {
  AnswerError,
  jsonAnswer,
  jsonBody,
  type SandboxAnswer,
  type SandboxRequest,
} from '../wire/message.ts';
import { malformedJson, notFound } from './errors.ts';
import type { Call } from './org.ts';

const SUBREQUESTS_MAX = 25;

/** Runs one subrequest as if it had come by itself, with the caller's headers. */
export type Dispatch = (request: SandboxRequest) => SandboxAnswer;

function subrequest(
  outer: SandboxRequest,
  method: string,
  url: string,
  body: Json | undefined,
): SandboxRequest {
  const { pathname, searchParams } = new URL(url, 'http://sandbox.invalid');
  return {
    method,
    url,
    path: pathname,
    segments: pathname.split('/').filter(Boolean).map(decodeURIComponent),
    query: searchParams,
    headers: outer.headers,
    body: Buffer.from(body === undefined ? '' : writeJson(body)),
  };
}

function run(
  dispatch: Dispatch,
  request: SandboxRequest,
): { readonly status: number; readonly body: Json; readonly location: string | undefined } {
  let answer: SandboxAnswer;
  try {
    answer = dispatch(request);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    answer = error.answer;
  }
  const text = answer.body?.toString('utf8') ?? '';
  return {
    status: answer.status,
    body: text === '' ? null : readJson(text),
    location: answer.headers?.['location'],
  };
}

/** The value an earlier answer has under `@{reference.Field.Field}`. */
function interpolate(text: string, answers: ReadonlyMap<string, Json>): string {
  return text.replace(/@\{(\w+)((?:\.\w+|\[\d+\])*)\}/g, (whole, reference: string, path: string) => {
    let at: Json | undefined = answers.get(reference);
    for (const step of path.match(/\w+/g) ?? []) {
      if (Array.isArray(at)) at = at[Number(step)] as Json | undefined;
      else at = isJsonObject(at) ? at[step] : undefined;
    }
    return typeof at === 'string' || typeof at === 'number' ? String(at) : whole;
  });
}

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

function list(call: Call, name: string): readonly { readonly [name: string]: Json }[] {
  const items = jsonBody(call.request)?.[name];
  if (!Array.isArray(items)) throw malformedJson();
  return items.filter(isJsonObject).slice(0, SUBREQUESTS_MAX);
}

function composite(call: Call, dispatch: Dispatch): SandboxAnswer {
  const answers = new Map<string, Json>();
  const compositeResponse = list(call, 'compositeRequest').map((item, index) => {
    const referenceId = text(item['referenceId'], `ref${index}`);
    const url = interpolate(text(item['url'], ''), answers);
    const sent =
      item['body'] === undefined ? undefined : readJson(interpolate(writeJson(item['body']), answers));
    const { status, body, location } = run(
      dispatch,
      subrequest(call.request, text(item['method'], 'GET'), url, sent),
    );
    answers.set(referenceId, body);
    return { body, httpHeaders: location ? { Location: location } : {}, httpStatusCode: status, referenceId };
  });
  return jsonAnswer(200, { compositeResponse });
}

function batch(call: Call, dispatch: Dispatch): SandboxAnswer {
  const results = list(call, 'batchRequests').map((item) => {
    const url = `/services/data/${text(item['url'], '').replace(/^\/?(services\/data\/)?/, '')}`;
    const { status, body } = run(
      dispatch,
      subrequest(call.request, text(item['method'], 'GET'), url, item['richInput']),
    );
    return { statusCode: status, result: body };
  });
  return jsonAnswer(200, { hasErrors: results.some(({ statusCode }) => statusCode >= 400), results });
}

/** POST `/composite` and `/composite/batch`. */
export function compositeAnswer(call: Call, dispatch: Dispatch): SandboxAnswer {
  if (call.request.method !== 'POST') throw notFound();
  if (call.rest[1] === undefined) return composite(call, dispatch);
  if (call.rest[1] === 'batch') return batch(call, dispatch);
  throw notFound();
}
