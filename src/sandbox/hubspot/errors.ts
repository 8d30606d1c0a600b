import type { Json } from '../wire/json.ts';
import { AnswerError, jsonAnswer } from '../wire/message.ts';

let serial = 0;

/** Every answer gets its own id; the vendor's are random. */
function correlationId(): string {
  serial += 1;
  return `00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`;
}

export interface Problem {
  readonly status: number;
  readonly category: string;
  readonly message: string;
  readonly context?: { readonly [name: string]: readonly string[] };
}

export function problemBody({ category, message, context }: Problem): { readonly [name: string]: Json } {
  return {
    status: 'error',
    message,
    correlationId: correlationId(),
    category,
    ...(context ? { context } : {}),
  };
}

export function problem(status: number, category: string, message: string): AnswerError {
  return new AnswerError(jsonAnswer(status, problemBody({ status, category, message })));
}

export const invalid = (message: string): AnswerError => problem(400, 'VALIDATION_ERROR', message);

export const invalidJson = (): AnswerError =>
  invalid('Invalid input JSON on line 1, column 1: expected a JSON object');

export const objectNotFound = (): AnswerError =>
  problem(404, 'OBJECT_NOT_FOUND', 'Object not found.  objectId are usually numeric.');

export const noSuchRoute = (): AnswerError => problem(404, 'OBJECT_NOT_FOUND', 'resource not found');
