import { describe, expect, it } from 'vitest';
import { denialOf } from '../../src/enforce/discharge-answer.ts';
import { createTally } from '../../src/enforce/record/tally.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { MediaError } from '../../src/media/rewriter.ts';

describe('an answer that is a single record', () => {
  it('is refused in the name of the policy that hides it', () => {
    const tally = createTally(DEFAULT_LIMITS);
    const denial = { policy: 'reps-see-their-own', message: 'This record may not be shown to you.' };
    tally.omitted({ object: 'Contact', policy: 'reps-see-their-own', reason: 'rows', denial });
    expect(denialOf(new MediaError('withheld', 'left out', 0), tally)).toEqual(denial);
  });

  it.each([new MediaError('malformed', 'x', 0), new Error('x')])('is not refused for %o', (error) => {
    expect(denialOf(error, createTally(DEFAULT_LIMITS))).toBeUndefined();
  });
});
