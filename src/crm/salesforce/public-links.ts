import type { FieldUse, Operation } from '../../model/operation.ts';

/**
 * Its records are public addresses of files: whoever reads or makes one has the file, from another host.
 * @see https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdistribution.htm
 */
const PUBLIC_LINK = /^contentdistribution$/i;
const ADDRESS = /^(?:distributionpublic|contentdownload|pdfdownload)url$/i;
/** A new version with the body of another is the same file under a record of its writer's. */
const BODY_OF_ANOTHER = /^contentbodyid$/i;

/**
 * A file that leaves past the proxy, or under another record, cannot be judged: that is for those who may see
 * everything.
 */
export function judgingFiles(operation: Operation): Operation {
  const { kind, objects, uses } = operation;
  if (kind === 'metadata' || kind === 'delete' || kind === 'auth') return operation;
  const leaves = objects.some((object) => PUBLIC_LINK.test(object)) || uses.some(leavesBy);
  return leaves ? { ...operation, needsClearView: true } : operation;
}

function leavesBy({ field, position }: FieldUse): boolean {
  return ADDRESS.test(field) || (position === 'write' && BODY_OF_ANOTHER.test(field));
}
