/** A turn that is not so much cheaper than the best one before, this often in a row, says that no more is to be gained. */
const GAIN = 0.03;
const PATIENCE = 3;
const TURNS_MAX = 30;

/**
 * Until V8 is done with it: it compiles what is called a few times a request only after tens of thousands of requests, which takes a
 * slow machine a minute, and the code before that takes twice as long.
 * @param turn does what will be measured, and says what it cost, in any unit
 */
export async function warmUp(turn: () => Promise<number>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let patience = PATIENCE;
  for (let turns = 0; turns < TURNS_MAX && patience > 0; turns++) {
    const cost = await turn();
    patience = cost < least * (1 - GAIN) ? PATIENCE : patience - 1;
    least = Math.min(least, cost);
  }
}
