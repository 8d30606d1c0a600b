import { writeFileSync } from 'node:fs';
import { exampleConfig } from '../config/example.ts';
import { limitsPage } from '../config/limits-page.ts';
import { policySchemaFile } from '../policy/language/schema.ts';
import type { ExitCode } from './exit-code.ts';

/** Files made from the schemas, and how. Tests compare them with what stands in the tree. */
export const GENERATED = {
  'config.example.yaml': exampleConfig,
  'policies/schema/policies.schema.json': policySchemaFile,
  'docs/limits.md': limitsPage,
} as const satisfies Record<string, () => string>;

/** `privet generate`: writes them below the working directory. */
export function generate(): ExitCode {
  for (const [file, make] of Object.entries(GENERATED)) writeFileSync(file, make());
  return 0;
}
