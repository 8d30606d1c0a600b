import { type Logger, pino } from 'pino';

/** An error as it is logged. */
interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown, without the message. */
  readonly stack?: readonly string[];
  readonly cause?: LoggedError;
}

/** An error's causes that are written down with it. */
const CAUSES_MAX = 4;

/** Structured logs on standard output. @param level pino's name of the least serious level that is written */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, serializers: { err: loggedError } });
}

/**
 * The part of an error that may be logged. Its own properties are left out: undici keeps bytes that it could not parse
 * in one, jose a token's claims. So are messages that quote their input: those of JSON.parse, and of Node's
 * ERR_INVALID_ARG_VALUE and the like.
 */
export function loggedError(error: unknown): LoggedError {
  return describe(error, CAUSES_MAX);
}

function describe(error: unknown, causesMax: number): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const quotes = error instanceof SyntaxError || code?.startsWith('ERR_INVALID_') === true;
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    ...(quotes ? {} : { message }),
    ...(stack === undefined ? {} : { stack: framesOf(stack, message) }),
    ...(cause === undefined || causesMax === 0 ? {} : { cause: describe(cause, causesMax - 1) }),
  };
}

/** The stack begins with the message, which may have several lines. */
function framesOf(stack: string, message: string): readonly string[] {
  const lines = stack.split('\n').slice(message.split('\n').length);
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}
