/** Compares what the tour says with what happened: a demo that shows a leak must fail. */
export interface Claims {
  readonly that: (claim: string, holds: boolean) => void;
  readonly count: () => number;
  /** Claims that did not hold, in the words given. */
  readonly broken: () => readonly string[];
}

export function openClaims(): Claims {
  const made: { readonly claim: string; readonly holds: boolean }[] = [];
  return {
    that: (claim, holds) => {
      made.push({ claim, holds });
    },
    count: () => made.length,
    broken: () => made.filter(({ holds }) => !holds).map(({ claim }) => claim),
  };
}
