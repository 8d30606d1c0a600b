/** Applications ask the same again within seconds; what nobody asks for any more may be a value of a person. */
const IDLE_MS = 60_000;

/**
 * For what is remembered to be quick: it is not to outlive its use.
 * @param age is called every minute while something is remembered: forgets what was not used since it was called last.
 * True: something is left
 * @returns to be called when something is remembered
 */
export function forgetWhenIdle(age: () => boolean): () => void {
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    if (age()) return;
    clearInterval(timer);
    timer = undefined;
  };
  return () => {
    if (timer !== undefined) return;
    timer = setInterval(tick, IDLE_MS);
    timer.unref();
  };
}
