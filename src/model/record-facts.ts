/** Facts of one record by field name as the CRM spells it; `undefined`: not known. */
export type RecordFacts = (field: string) => string | null | undefined;
