import type { CrmRequest } from '../../src/model/request.ts';
import { V59 } from './fixture.ts';
import { PEOPLE_MAPS, page, restricted } from './people.ts';
import { registryOf } from './registry.ts';

/** Contact 2 is restricted. */
const consent = registryOf([restricted(2)]);
export const SCENE = { policies: '', maps: PEOPLE_MAPS, consent } as const;

export const query = (soql: string): string => `GET ${V59}/query?q=${soql.replaceAll(' ', '+')}`;

/** A Salesforce that answers reads of contacts. */
export function salesforce(...records: readonly object[]) {
  return ({ path, body }: CrmRequest): unknown => {
    if (path.endsWith('/query')) return page(records);
    const { ids } = JSON.parse(body?.toString() ?? '{}') as { ids: readonly string[] };
    return ids.map((id) => records.find((record) => (record as { Id: string }).Id === id) ?? null);
  };
}

/** A HubSpot whose contact 2 has the address of somebody who is restricted. */
export function hubspot({ body }: CrmRequest): unknown {
  const { inputs } = JSON.parse(body?.toString() ?? '{"inputs":[]}') as { inputs: readonly { id: string }[] };
  const results = inputs.map(({ id }) => {
    const index = id.replace(/\D/g, '');
    return {
      id: index,
      properties: { email: `p${index}@example.com`, phone: null, hs_object_id: index, agreed: null },
    };
  });
  return { results };
}

/** Why a write is refused. */
export const UNCHANGEABLE = 'Records that may not be changed, because their processing is restricted: 1.';
