/**
 * Where associations lead that HubSpot itself defines: the object at the other end, and the ids of their types.
 * @see https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide#association-type-id-values
 */
const TYPES_TO: Readonly<Record<string, readonly number[]>> = {
  contacts: [2, 3, 16, 69, 81, 98, 194, 198, 200, 202, 204, 280, 449, 453, 702],
  companies: [1, 5, 13, 14, 26, 71, 87, 182, 186, 188, 190, 192, 279, 339, 341, 450, 459],
  deals: [4, 6, 20, 28, 64, 85, 206, 210, 212, 214, 216, 342, 451, 457],
  tickets: [15, 25, 27, 83, 100, 220, 224, 226, 228, 230, 340, 452, 455],
};

const BY_TYPE: ReadonlyMap<unknown, string> = new Map(
  Object.entries(TYPES_TO).flatMap(([object, types]) => types.map((type) => [type, object] as const)),
);

/** The object that associations of a type lead to; undefined for other objects, and for types of the account's own. */
export function objectOfAssociation(category: unknown, typeId: unknown): string | undefined {
  return category === 'HUBSPOT_DEFINED' ? BY_TYPE.get(typeId) : undefined;
}
