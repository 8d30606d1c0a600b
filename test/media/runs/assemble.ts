import { readFileSync } from 'node:fs';
import wabt from 'wabt';

export const RUNS_FILE = 'src/media/json/runs/runs-code.ts';

/** The text of RUNS_FILE: runs.wat, assembled. */
export async function assembleRuns(): Promise<string> {
  const assembler = await wabt();
  const parsed = assembler.parseWat('runs.wat', readFileSync('src/media/json/runs/runs.wat', 'latin1'), {
    simd: true,
  });
  parsed.validate();
  const code = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  parsed.destroy();
  const lines = code.match(/.{1,100}/g) ?? [];
  return `/** runs.wat in binary form, base64. Made by \`npm run generate\`. */
export const RUNS_CODE =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
}
