import * as fc from 'fast-check';
import { DETECTORS, type Treatment } from '../../src/model/treatment.ts';
import type { TreatmentDocument } from '../../src/policy/language/documents.ts';
import { treatmentOf } from '../../src/policy/treatment.ts';

/** Every treatment a policy can name, as it stands in the policy. */
export const anyTreatmentDocument: fc.Arbitrary<TreatmentDocument> = fc.oneof(
  fc.constantFrom<TreatmentDocument>('remove', 'null', 'redact', 'hash'),
  fc.constantFrom<TreatmentDocument>({ mask: 'email' }, { mask: 'initials' }),
  fc.record({
    mask: fc.constantFrom('keep-first' as const, 'keep-last' as const),
    keep: fc.integer({ min: 1, max: 4 }),
  }),
  fc.constantFrom<TreatmentDocument>({ generalize: 'month' }, { generalize: 'year' }),
  fc.constantFrom(10, 15, 30, 100).map((size): TreatmentDocument => ({ generalize: 'range', size })),
  fc.integer({ min: 1, max: 4 }).map((keep): TreatmentDocument => ({ generalize: 'prefix', keep })),
  fc.subarray([...DETECTORS], { minLength: 1 }).map((scan): TreatmentDocument => ({ scan })),
);

export const anyTreatment: fc.Arbitrary<Treatment> = anyTreatmentDocument.map(treatmentOf);
