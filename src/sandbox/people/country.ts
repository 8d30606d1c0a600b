export const COUNTRIES = ['ES', 'PL', 'UA', 'GB'] as const;
export type Country = (typeof COUNTRIES)[number];
