import { MediaError } from '../media/rewriter.ts';
import { Refusal } from './refusal.ts';
import type { Tally } from './tally.ts';

/**
 * The answer was a single record that may not be seen: nothing is wrong with it, so it is refused in the name of the rule that
 * hides it, with a status that SDKs do not retry. Undefined: the answer failed for another reason.
 */
export function refusalOfWithheld(error: unknown, tally: Tally): Refusal | undefined {
  if (!(error instanceof MediaError) || error.reason !== 'withheld') return undefined;
  return new Refusal({ policy: tally.hiddenBy() ?? 'rows', message: 'This record may not be shown to you.' });
}
