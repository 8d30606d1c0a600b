import type { CrmAdapter } from '../../crm/adapter.ts';
import type { View } from '../../model/decision.ts';
import type { Operation } from '../../model/operation.ts';
import type { TokenUse } from '../../vault/token/tokenize.ts';
import { writesRecords } from '../inspectable.ts';
import { Refusal } from '../refusal.ts';
import type { UploadStage } from '../upload/upload-stage.ts';
import { giveBack } from './settle.ts';
import { storeLookups } from './store-lookups.ts';
import { storeUpload } from './store-upload.ts';
import { type Issued, NOTHING_ISSUED, type StoreTools, storeValues } from './store-values.ts';
import type { VaultAccess } from './vault-access.ts';

export interface StoredRequest {
  readonly operation: Operation;
  readonly body: Buffer | undefined;
  readonly issued: Issued;
  /** A body that is replaced while it streams by. */
  readonly upload?: UploadStage;
}

/**
 * Puts tokens in place of all values of stored fields in a request: in its query, path and body.
 * @param operation whose body holds values: masks have been taken out
 * @throws Refusal naming the field; PrivetError VAULT_UNAVAILABLE
 */
export async function storeRequest(
  adapter: CrmAdapter,
  operation: Operation,
  tools: StoreTools,
): Promise<StoredRequest> {
  requireReadableBody(operation, tools.view);
  const { body, request } = operation;
  if (body.format === 'csv') {
    return { operation, body: request.body, issued: NOTHING_ISSUED, upload: storeUpload(body, tools) };
  }
  const made: TokenUse[] = [];
  const tokenize: VaultAccess['tokenize'] = async (items) => {
    const tokenized = await tools.vault.tokenize(items);
    made.push(...tokenized.flatMap((one) => ('use' in one ? [one.use] : [])));
    return tokenized;
  };
  try {
    return await stored(adapter, operation, { ...tools, vault: { ...tools.vault, tokenize } });
  } catch (error) {
    await giveBack(tools.vault, made);
    throw error;
  }
}

async function stored(adapter: CrmAdapter, operation: Operation, tools: StoreTools): Promise<StoredRequest> {
  const { operation: asked, sought } = await storeLookups(adapter, operation, tools);
  const { body } = asked.request;
  const uses = sought.map(({ use }) => use);
  if (body === undefined || !writesRecords(asked))
    return { operation: asked, body, issued: { uses, records: [] } };
  const { body: replaced, issued } = await storeValues(asked, body, tools, sought);
  return { operation: asked, body: replaced, issued: { ...issued, uses: [...uses, ...issued.uses] } };
}

/** Refuses bodies that cannot be read, whatever the posture: the CRM must not get such values. */
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
