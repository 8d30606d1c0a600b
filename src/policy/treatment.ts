import { LEAST_REVEALING_FIRST, type Treatment, type TreatmentKind } from '../model/treatment.ts';
import type { TreatmentDocument } from './language/documents.ts';

type Of<Kind extends TreatmentKind> = Extract<Treatment, { kind: Kind }>;

/** The treatment that an entry of `show` asks for. */
export function treatmentOf(document: TreatmentDocument): Treatment {
  if (typeof document === 'string') return { kind: document };
  if ('scan' in document) return { kind: 'scan', find: document.scan.toSorted() };
  if ('mask' in document) {
    return 'keep' in document
      ? { kind: 'mask', style: document.mask, keep: document.keep }
      : { kind: 'mask', style: document.mask };
  }
  if ('size' in document) return { kind: 'generalize', to: 'range', size: document.size };
  if ('keep' in document) return { kind: 'generalize', to: 'prefix', keep: document.keep };
  return { kind: 'generalize', to: document.generalize };
}

const REDACT: Treatment = { kind: 'redact' };

/**
 * One treatment that reveals no more than any of those given. Treatments of one kind that cannot be ordered combine to
 * a redact, which is then compared with the other kinds. So the order of policies does not matter, and one more policy
 * never reveals anything.
 */
export function leastRevealing(treatments: readonly [Treatment, ...Treatment[]]): Treatment {
  const generalized = treatments.filter((treatment) => treatment.kind === 'generalize');
  const masked = treatments.filter((treatment) => treatment.kind === 'mask');
  const scanned = treatments.filter((treatment) => treatment.kind === 'scan');
  const candidates: Treatment[] = treatments.filter(({ kind }) => !COMBINED.has(kind));
  if (generalized[0] !== undefined) candidates.push(coarsest(generalized[0], generalized));
  if (masked[0] !== undefined) candidates.push(keepingLeast(masked[0], masked));
  if (scanned.length > 0) {
    candidates.push({ kind: 'scan', find: [...new Set(scanned.flatMap(({ find }) => find))].sort() });
  }
  return candidates.reduce(
    (least, next) => (rank(next) < rank(least) ? next : least),
    candidates[0] ?? REDACT,
  );
}

const COMBINED: ReadonlySet<TreatmentKind> = new Set(['generalize', 'mask', 'scan']);

function rank(treatment: Treatment): number {
  return LEAST_REVEALING_FIRST.indexOf(treatment.kind);
}

function coarsest(first: Of<'generalize'>, all: readonly Of<'generalize'>[]): Treatment {
  const dates = all.filter((one) => one.to === 'month' || one.to === 'year');
  if (dates.length === all.length) {
    return dates.find((one) => one.to === 'year') ?? first;
  }
  const prefixes = all.filter((one) => one.to === 'prefix');
  if (prefixes.length === all.length) {
    return { kind: 'generalize', to: 'prefix', keep: Math.min(...prefixes.map(({ keep }) => keep)) };
  }
  const sizes = all.flatMap((one) => (one.to === 'range' ? [one.size] : [])).sort((a, b) => a - b);
  // A range hides all that a narrower one hides only if its size is a multiple of the narrower one's.
  const nested = sizes.every((size, index) => index === 0 || size % (sizes[index - 1] ?? size) === 0);
  const widest = sizes.at(-1);
  return sizes.length === all.length && nested && widest !== undefined
    ? { kind: 'generalize', to: 'range', size: widest }
    : REDACT;
}

function keepingLeast(first: Of<'mask'>, all: readonly Of<'mask'>[]): Treatment {
  if (all.some(({ style }) => style !== first.style)) return REDACT;
  if (!('keep' in first)) return first;
  const keep = Math.min(...all.map((one) => ('keep' in one ? one.keep : first.keep)));
  return { kind: 'mask', style: first.style, keep };
}
