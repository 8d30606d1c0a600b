import type { CrmAdapter } from '../crm/adapter.ts';
import type { View } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { Refusal } from './refusal.ts';
import { storeLookups } from './store-lookups.ts';
import { storeUpload } from './store-upload.ts';
import { type Issued, type StoreTools, storeValues } from './store-values.ts';
import type { UploadStage } from './upload-stage.ts';

export interface StoredRequest {
  readonly operation: Operation;
  readonly body: Buffer | undefined;
  readonly issued: Issued;
  /** A body that is replaced while it streams by. */
  readonly upload?: UploadStage;
}

/**
 * Puts tokens in place of all values of stored fields that a request would take to the CRM, in its query, its path and its body.
 * @param operation whose body holds values: masks have been taken out
 * @throws Refusal naming the field; PrivetError VAULT_UNAVAILABLE
 */
export async function storeRequest(
  adapter: CrmAdapter,
  operation: Operation,
  tools: StoreTools,
): Promise<StoredRequest> {
  requireReadableBody(operation, tools.view);
  const asked = await storeLookups(adapter, operation, tools);
  const { body: shape, request } = asked.operation;
  const { body } = request;
  if (shape.format === 'csv') return { ...asked, body, upload: storeUpload(shape, tools) };
  const isWritten = asked.operation.uses.some(({ position }) => position === 'write');
  if (body === undefined || !isWritten) return { ...asked, body };
  const stored = await storeValues(asked.operation, body, tools, asked.subject);
  const issued = {
    uses: [...asked.issued.uses, ...stored.issued.uses],
    records: stored.issued.records,
  };
  return { operation: asked.operation, body: stored.body, issued };
}

/** No posture lets a value past that the CRM must not have. */
function requireReadableBody({ body, uses, route }: Operation, view: View): void {
  if (body.format !== 'opaque') return;
  const use = uses.find(
    ({ object, field, position }) => position === 'write' && keepsTokens(view, object, field),
  );
  if (use === undefined) return;
  throw new Refusal(
    {
      policy: 'store',
      message: `What "${route}" writes to ${use.object} cannot be inspected, and the CRM keeps tokens of some of its fields.`,
    },
    'BODY_UNREADABLE',
  );
}

function keepsTokens(view: View, object: string, field: string): boolean {
  const seen = view.of(object);
  return field === '*' ? seen.keepsTokens === true : seen.stored?.(field) !== undefined;
}
