import type { ErrorCode } from '../errors.ts';
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
