import { AnswerError, jsonAnswer } from '../wire/message.ts';

/** A REST error: an array of one, as the vendor answers. */
export function failure(
  status: number,
  errorCode: string,
  message: string,
  fields?: readonly string[],
): AnswerError {
  return new AnswerError(jsonAnswer(status, [{ message, errorCode, ...(fields ? { fields } : {}) }]));
}

export const notFound = (): AnswerError => failure(404, 'NOT_FOUND', 'The requested resource does not exist');

export const noSuchRecord = (): AnswerError =>
  failure(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible');

export const malformed = (message: string): AnswerError => failure(400, 'MALFORMED_QUERY', message);

export const methodNotAllowed = (method: string): AnswerError =>
  failure(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are HEAD,GET,POST,PATCH,DELETE`,
  );

export const malformedJson = (): AnswerError =>
  failure(400, 'JSON_PARSER_ERROR', 'The HTTP entity body is required, and must be a JSON object');
