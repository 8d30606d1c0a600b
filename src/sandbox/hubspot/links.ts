/** Which records are associated. Types are named as in `TYPE_SCHEMAS`. */
export interface Links {
  /** Associates two records, both ways. */
  readonly add: (fromType: string, fromId: string, toType: string, toId: string) => void;
  readonly remove: (fromType: string, fromId: string, toType: string, toId: string) => void;
  /** Ids of the records of one type that a record is associated with. */
  readonly of: (fromType: string, fromId: string, toType: string) => readonly string[];
}

export function createLinks(): Links {
  const links = new Map<string, Set<string>>();
  const linked = (fromType: string, fromId: string, toType: string): Set<string> => {
    const key = `${fromType} ${fromId} ${toType}`;
    const known = links.get(key) ?? new Set<string>();
    links.set(key, known);
    return known;
  };
  return {
    add: (fromType, fromId, toType, toId) => {
      linked(fromType, fromId, toType).add(toId);
      linked(toType, toId, fromType).add(fromId);
    },
    remove: (fromType, fromId, toType, toId) => {
      linked(fromType, fromId, toType).delete(toId);
      linked(toType, toId, fromType).delete(fromId);
    },
    of: (fromType, fromId, toType) => [...linked(fromType, fromId, toType)],
  };
}
