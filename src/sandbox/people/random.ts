/** A seeded source of choices: the same seed gives the same people on every machine. */
export interface Random {
  /** Whole number from `from` to `to`, both included. */
  readonly between: (from: number, to: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly digits: (count: number) => string;
  /** True `percent` times in a hundred. */
  readonly chance: (percent: number) => boolean;
}

/** Mulberry32: 32 bits of state are plenty for synthetic data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    between,
    pick: <T>(choices: readonly T[]): T => {
      const choice = choices[between(0, choices.length - 1)];
      if (choice === undefined) throw new RangeError('There is nothing to pick from.');
      return choice;
    },
    digits: (count) => Array.from({ length: count }, () => between(0, 9)).join(''),
    chance: (percent) => next() * 100 < percent,
  };
}
