/** Runs one load per key at a time; callers that ask while it runs get the same result. */
export function createSingleFlight<Result>(): (key: string, load: () => Promise<Result>) => Promise<Result> {
  const flights = new Map<string, Promise<Result>>();
  return (key, load) => {
    const running = flights.get(key);
    if (running !== undefined) return running;
    const flight = load().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
