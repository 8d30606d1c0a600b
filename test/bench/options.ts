import { Command, InvalidArgumentError, Option } from 'commander';

const BENCHES =
  'bare,parsing,privet,redis,budget,budget-redis,parsing-noscan,privet-noscan,stream,vault,consent';
const SIZES = 'small,small-anew,page,page-anew,large';

/** What is measured, and how often. */
export interface BenchOptions {
  readonly only: ReadonlySet<string>;
  readonly sizes: ReadonlySet<string>;
  readonly rounds: number;
  readonly processes: number;
  /** Directory for CPU profiles. */
  readonly profile?: string;
}

/** Ends the process where the arguments ask for help, or are wrong. */
export function readOptions(argv: readonly string[]): BenchOptions {
  return new Command('npm run bench --')
    .description(
      'What Privet costs, as ratios to the bare plugin and to the same plugin with parse, mask and stringify.',
    )
    .addOption(names('--only <names>', BENCHES))
    .addOption(names('--sizes <names>', SIZES))
    .option('--rounds <number>', 'rounds of each', count, 5)
    .option('--processes <number>', 'processes of each proxy, since V8 compiles each differently', count, 1)
    .option('--profile <directory>', 'write CPU profiles of the proxies there')
    .parse(argv, { from: 'user' })
    .opts<BenchOptions>();
}

/** An option that takes a list of names, all of them known; all of them when it is left out. */
function names(flags: string, known: string): Option {
  const all = known.split(',');
  return new Option(flags, 'names, with commas between them')
    .default(new Set(all), known)
    .argParser((text) => {
      const chosen = text.split(',');
      const unknown = chosen.find((name) => !all.includes(name));
      if (unknown !== undefined) throw new InvalidArgumentError(`Expected some of ${known}.`);
      return new Set(chosen);
    });
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a number of at least 1.');
  return Number(text);
}
