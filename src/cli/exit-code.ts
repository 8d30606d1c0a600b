/** Exit status: good, the thing checked is wrong, wrong usage. */
export type ExitCode = 0 | 1 | 2;
