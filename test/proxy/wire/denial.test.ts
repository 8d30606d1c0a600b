import { describe, expect, it } from 'vitest';
import type { CrmAdapter } from '../../../src/crm/adapter.ts';
import { ERRORS, type ErrorCode, PrivetError } from '../../../src/errors.ts';
import { denialAnswer } from '../../../src/proxy/wire/denial.ts';

const native = {
  errorBody: (status, denial, accept, requestId) => ({
    contentType: 'application/json',
    body: JSON.stringify([{ errorCode: denial.policy, message: denial.message, status, accept, requestId }]),
  }),
} as Pick<CrmAdapter, 'errorBody'> as CrmAdapter;

describe('a denial', () => {
  it('has the CRM’s own body, 403, and a request id', () => {
    const answer = denialAnswer(
      { policy: 'no-export', message: 'Ask privacy.' },
      { crm: native, accept: 'a/b', requestId: 'r1' },
    );
    expect(answer.status).toBe(403);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-privet-request-id': 'r1' });
    expect(JSON.parse(answer.body.toString())).toEqual([
      { errorCode: 'no-export', message: 'Ask privacy.', status: 403, accept: 'a/b', requestId: 'r1' },
    ]);
  });

  it('is plain JSON where no CRM was reached', () => {
    const answer = denialAnswer(new PrivetError('UPSTREAM_UNKNOWN'), {
      crm: undefined,
      accept: '',
      requestId: 'r1',
    });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body.toString()).error).toMatchObject({
      code: 'UPSTREAM_UNKNOWN',
      requestId: 'r1',
    });
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])(
    'for %s has a status that no SDK answers with a refresh',
    (code) => {
      expect([401, 420, 429]).not.toContain(new PrivetError(code).status);
    },
  );
});
