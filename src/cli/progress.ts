const COLUMNS = 30;
const INTERVAL_MS = 100;

/** A progress bar on standard error, if that is a terminal. */
export interface Progress {
  /** @param done of `total`, in the same unit */
  readonly show: (done: number) => void;
  /** Writes a line to standard error, above the bar. */
  readonly say: (line: string) => void;
  readonly end: () => void;
}

/** @param total bytes, or whatever is counted; 0 when it is not known */
export function createProgress(total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  let bar = '';
  let shownAt = 0;
  const clear = (): void => {
    if (bar !== '') stream.write('\r\u001b[K');
  };
  return {
    show: (done) => {
      if (!stream.isTTY || total === 0 || performance.now() - shownAt < INTERVAL_MS) return;
      shownAt = performance.now();
      const share = Math.min(1, done / total);
      const filled = Math.round(share * COLUMNS);
      bar = `[${'='.repeat(filled)}${' '.repeat(COLUMNS - filled)}] ${Math.floor(share * 100)} %`;
      stream.write(`\r${bar}`);
    },
    say: (line) => {
      clear();
      stream.write(`${line}\n${bar}`);
    },
    end: () => {
      clear();
      bar = '';
    },
  };
}
