import { type ErrorCode, PrivetError } from '../errors.ts';
import type { Denial } from '../model/decision.ts';

/** A request or answer that may not pass, for a policy's or a posture's reason. */
export class Refusal extends Error {
  readonly denial: Denial;
  readonly code: ErrorCode;

  constructor(denial: Denial, code: ErrorCode = 'DENIED') {
    super(denial.message);
    this.name = 'Refusal';
    this.denial = denial;
    this.code = code;
  }
}

/** The denial for an obligation that cannot be discharged; undefined: the failure is of another kind. */
export function denialIn(error: unknown): Denial | undefined {
  if (error instanceof Refusal) return error.denial;
  return error instanceof PrivetError ? { policy: error.code, message: error.message } : undefined;
}
