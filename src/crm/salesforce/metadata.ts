import type { OperationDescriptor } from '../descriptor.ts';
import * as shapes from './shapes.ts';

const ROOT = '/services/data/{version}';
const OBJECT = `${ROOT}/sobjects/{object}`;

/**
 * What describes the CRM and its objects, and not the people in it.
 * @see https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_list.htm
 */
export const METADATA: readonly OperationDescriptor[] = [
  ...(
    [
      ['versions', ['/services/data']],
      ['limits', [`${ROOT}/limits`]],
      ['tabs', [`${ROOT}/tabs`]],
      ['theme', [`${ROOT}/theme`]],
      ['describe-global', [`${ROOT}/sobjects`]],
      ['quick-actions', [`${ROOT}/quickActions`]],
    ] as const
  ).map(([name, paths]): OperationDescriptor => described(name, paths)),
  {
    ...described('resources', [ROOT]),
    answer: { format: 'json', root: shapes.VERSION_ROOT },
  },
  ...(
    [
      ['describe', [`${OBJECT}/describe`]],
      [
        'layouts',
        [
          `${OBJECT}/describe/layouts`,
          `${OBJECT}/describe/layouts/{recordType}`,
          `${OBJECT}/describe/namedLayouts/{name}`,
          `${OBJECT}/describe/compactLayouts`,
          `${OBJECT}/describe/approvalLayouts`,
        ],
      ],
      ['object-quick-actions', [`${OBJECT}/quickActions`]],
    ] as const
  ).map(([name, paths]): OperationDescriptor => ({ ...described(name, paths), object: '{object}' })),
];

function described(name: string, paths: readonly string[]): OperationDescriptor {
  return { name, method: 'GET', paths, kind: 'metadata', answer: { format: 'plain' } };
}
