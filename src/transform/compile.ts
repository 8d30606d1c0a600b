import type { Treatment } from '../model/treatment.ts';
import { generalizeTransform } from './generalize.ts';
import { hashTransform } from './hash.ts';
import { maskTransform } from './mask.ts';
import { nullTransform } from './null.ts';
import { redactTransform } from './redact.ts';
import { removeTransform } from './remove.ts';
import { scanTransform } from './scan.ts';
import type { Transform, TransformContext } from './transform.ts';

/** Prepares a treatment for many values. Pure; the result may be kept as long as its context's hash key is in force. */
export function compileTransform(treatment: Treatment, context: TransformContext): Transform {
  switch (treatment.kind) {
    case 'remove':
      return removeTransform(treatment);
    case 'null':
      return nullTransform(treatment);
    // A value that is not a token must not be seen.
    case 'token':
    case 'redact':
      return redactTransform(treatment);
    case 'hash':
      return hashTransform(treatment, context);
    case 'generalize':
      return generalizeTransform(treatment);
    case 'mask':
      return maskTransform(treatment);
    case 'scan':
      return scanTransform(treatment, context);
  }
}
