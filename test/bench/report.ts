/** What one round told of one variant. */
export interface Sample {
  readonly perSecond: number;
  /** CPU time of the proxy per request, all its threads. */
  readonly cpuMs: number;
}

export interface Row extends Sample {
  readonly name: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

const LABELS: Readonly<Record<string, string>> = {
  bare: '@fastify/http-proxy, bare',
  parsing: '  + parse, mask, stringify',
  privet: 'Privet, policy and audit',
  redis: '  with audit shipped to Redis',
  budget: '  with a reading budget',
  'budget-redis': '  with a reading budget in Redis',
  'parsing-noscan': 'no scan of free text: + parse, ...',
  'privet-noscan': 'no scan of free text: Privet',
};

/**
 * A table: rates, CPU time, and both as ratios to the bare plugin and to parse/mask/stringify with the same policies (more is better in
 * all ratios).
 */
export function formatRows(rows: readonly Row[]): string {
  const rowOf = (name: string): Row | undefined => rows.find((row) => row.name === name);
  const bare = rowOf('bare');
  const cells = rows.map((row) => {
    const parsing = rowOf(row.name.endsWith('-noscan') ? 'parsing-noscan' : 'parsing');
    return [
      LABELS[row.name] ?? row.name,
      row.perSecond.toFixed(row.perSecond < 100 ? 1 : 0),
      (row.cpuMs * 1000).toFixed(0),
      ratio(row.perSecond, bare?.perSecond),
      ratio(bare?.cpuMs, row.cpuMs),
      ratio(row.perSecond, parsing?.perSecond),
      ratio(parsing?.cpuMs, row.cpuMs),
    ];
  });
  const table = [['', 'req/s', 'CPU µs', '/ bare', '(CPU)', '/ parsing', '(CPU)'], ...cells];
  const widths = [36, 8, 8, 8, 8, 10, 8];
  const lines = table.map((line) =>
    line.map((cell, column) => pad(cell, column, widths[column] ?? 8)).join(''),
  );
  return [...lines, ...budgetLines(rows)].join('\n');
}

/** What counting against a reading budget costs: the target is at most 5 % of throughput. */
function budgetLines(rows: readonly Row[]): string[] {
  const without = rows.find(({ name }) => name === 'privet');
  return rows
    .filter(({ name }) => name.startsWith('budget'))
    .map(
      ({ name, perSecond, cpuMs }) =>
        `${(LABELS[name] ?? name).trim()}: ${ratio(perSecond, without?.perSecond)} of Privet without (CPU ${ratio(without?.cpuMs, cpuMs)}; target: at least 0.95)`,
    );
}

function pad(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function ratio(value: number | undefined, of: number | undefined): string {
  return value === undefined || of === undefined ? '' : (value / of).toFixed(2);
}
