/** A decimal number exactly: `digits` × 10^-`scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
const SAFE_INTEGER = /^-?\d{1,15}$/;
/** Longer lexemes are no amounts; arithmetic on them would only cost time. */
const LEXEME_LENGTH_MAX = 400;

function parseDecimal(lexeme: string): Decimal | undefined {
  if (lexeme.length > LEXEME_LENGTH_MAX) return undefined;
  const match = DECIMAL.exec(lexeme);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function format({ digits, scale }: Decimal): string {
  if (digits < 0n) return `-${format({ digits: -digits, scale })}`;
  const text = digits.toString().padStart(scale + 1, '0');
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  const whole = text.slice(0, text.length - scale);
  return scale === 0 || fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Largest multiple of `size` that is not above `value`. */
function floorTo(value: Decimal, size: Decimal): Decimal {
  const scale = Math.max(value.scale, size.scale);
  const amount = value.digits * 10n ** BigInt(scale - value.scale);
  const step = size.digits * 10n ** BigInt(scale - size.scale);
  const rest = amount % step;
  return { digits: amount - (rest < 0n ? rest + step : rest), scale };
}

/**
 * Numbers become the lower bound of their bucket: 52,340 in buckets of 1,000 is 52,000, and -1 is -1,000. Exact for any
 * number of digits, since amounts in CRMs exceed what a double can hold. Texts that are not plain numbers become null.
 */
export function generalizeToRange(size: number): (lexeme: string) => string | null {
  const step = parseDecimal(String(size));
  if (step === undefined || step.digits <= 0n) return () => null;
  const isWhole = Number.isSafeInteger(size);
  return (lexeme) => {
    const text = lexeme.trim();
    if (isWhole && SAFE_INTEGER.test(text)) {
      const value = Number(text);
      const rest = value % size;
      return String(value - (rest < 0 ? rest + size : rest));
    }
    const value = parseDecimal(text);
    return value === undefined ? null : format(floorTo(value, step));
  };
}
