import { LIMITS } from '../limits.ts';

const HEAD = `# Limits

Everything has a limit. Each can be set by its name under \`limits\` in the configuration; units are in the names. This page
is generated from the code: npm run generate.

| limit | default | why |
| --- | --- | --- |`;

/** The text of docs/limits.md: every limit with its default and its reason. */
export function limitsPage(): string {
  const rows = Object.entries(LIMITS).map(
    ([name, limit]) => `| \`${name}\` | ${limit.default.toLocaleString('en')} | ${limit.why} |`,
  );
  return `${[HEAD, ...rows].join('\n')}\n`;
}
