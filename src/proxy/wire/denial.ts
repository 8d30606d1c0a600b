import type { CrmAdapter } from '../../crm/adapter.ts';
import { PrivetError } from '../../errors.ts';
import type { Denial } from '../../model/decision.ts';
import type { Headers } from './headers.ts';

/** An answer that Privet gives in the CRM's place. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Who the answer is for. */
export interface DenialRecipient {
  /** Undefined where the request reached no CRM: the body is then plain JSON. */
  readonly crm: CrmAdapter | undefined;
  /** Media types asked for, as sent (Accept), or ''. */
  readonly accept: string;
  readonly requestId: string;
  /** What the CRM has answered with; undefined: nothing. */
  readonly crmStatus?: number | undefined;
  /** When the CRM may be asked again after it has refused, as `retryAfterOf` reads it. */
  readonly crmRetryAfter?: string | undefined;
}

/**
 * A refusal in the CRM's own shape, so that its SDKs show the message. A policy refuses with 403 alone: SDKs answer a
 * 401 by refreshing their token, and 420, 429 and 5xx by sending the request again.
 */
export function denialAnswer(cause: PrivetError | Denial, recipient: DenialRecipient): OwnAnswer {
  const isError = cause instanceof PrivetError;
  const status = isError ? statusOf(cause, recipient.crmStatus) : 403;
  const denial: Denial = isError ? { policy: cause.code, message: cause.message } : cause;
  const { crm, accept, requestId } = recipient;
  const retryAfter = isError && cause.code === 'ANSWER_UNREADABLE' ? recipient.crmRetryAfter : undefined;
  const native = crm?.errorBody(status, denial, accept, requestId) ?? {
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ error: { code: denial.policy, message: denial.message, requestId } }),
  };
  return {
    status,
    headers: {
      'content-type': native.contentType,
      'cache-control': 'private, no-store',
      'x-privet-request-id': requestId,
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    },
    body: Buffer.from(native.body),
  };
}

/**
 * What the CRM refuses stays refused when its body is withheld: a client that is told 502 sends the request again, and
 * never learns that its session has ended or that it must slow down.
 */
function statusOf({ code, status }: PrivetError, crmStatus = 0): number {
  return code === 'ANSWER_UNREADABLE' && crmStatus >= 400 && crmStatus < 500 ? crmStatus : status;
}
