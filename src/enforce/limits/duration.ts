const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
] as const;

/** A length of time exactly, in the largest unit that it is a multiple of: `hour`, `90 minutes`. */
export function windowInWords(ms: number): string {
  const { name, ms: unitMs } = UNITS.find((unit) => ms % unit.ms === 0) ?? UNITS[3];
  const count = Math.round(ms / unitMs);
  return count === 1 ? name : `${count} ${name}s`;
}

/** A length of time as people say it, rounded up: `about 25 minutes`. */
export function waitInWords(ms: number): string {
  const { name, ms: unitMs } = UNITS.find((unit) => ms >= 2 * unit.ms) ?? UNITS[3];
  const count = Math.max(1, Math.ceil(ms / unitMs));
  return `about ${count} ${name}${count === 1 ? '' : 's'}`;
}
