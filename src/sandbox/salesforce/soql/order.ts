import { isSpelled, type Scalar } from '../../wire/json.ts';

function compareNumbers(left: string, right: string): number {
  if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right)) {
    const [a, b] = [BigInt(left), BigInt(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return Number(left) - Number(right);
}

const numberText = (value: Scalar): string => (isSpelled(value) ? value.spelling : String(value));

/** Orders two values that are not null as SOQL does: text without case, numbers exactly, false before true. */
export function compareScalars(left: Scalar, right: Scalar): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [left.toLowerCase(), right.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return compareNumbers(numberText(left), numberText(right));
}
