import { isJsonObject, type JsonObject, refuseBody, refuseUnknown } from '../json-body.ts';

/** Members of a batch that has nothing but its inputs. */
export const BATCH_MEMBERS: ReadonlySet<string> = new Set(['inputs']);

/** The inputs of a batch. @throws PrivetError BODY_UNREADABLE */
export function inputsIn(body: JsonObject, members: ReadonlySet<string>): readonly JsonObject[] {
  refuseUnknown(body, members, 'the batch');
  const inputs = body['inputs'];
  if (Array.isArray(inputs) && inputs.every(isJsonObject)) return inputs;
  return refuseBody('"inputs" is not a list of objects.');
}
