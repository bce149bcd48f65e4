const decimal = { n: -9n, u: -6n, m: -3n, "": 0n, k: 3n, M: 6n, G: 9n, T: 12n, P: 15n, E: 18n };
const binary = { Ki: 1n, Mi: 2n, Gi: 3n, Ti: 4n, Pi: 5n, Ei: 6n };
const nano = 10n ** 9n;

/**
 * A quantity of Kubernetes as the one text that all its spellings share: `1000m`, `1.0` and the number 1 are `1`,
 * `1024Mi` is `1Gi`. What is no quantity is returned as it is.
 */
export function canonicalQuantity(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "number") return value;
  const nanos = nanosOf(String(value));
  return nanos === undefined ? value : textOf(nanos);
}

/** In billionths, rounded up as the API server does. */
function nanosOf(text: string): bigint | undefined {
  const match = /^([-+]?)(\d*)\.?(\d*)(?:([KMGTPE]i|[numkMGTPE])|[eE]([-+]?\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", suffix = "", exponent] = match;
  if (whole + fraction === "") return undefined;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const power = (suffix in decimal ? decimal[suffix as keyof typeof decimal] : 0n) + BigInt(exponent ?? 0);
  const times = suffix in binary ? 1024n ** binary[suffix as keyof typeof binary] : 1n;
  const shift = power + 9n - BigInt(fraction.length);
  if (shift >= 0n) return digits * times * 10n ** shift;
  const divisor = 10n ** -shift;
  const scaled = digits * times;
  return scaled / divisor + (scaled % divisor > 0n ? 1n : 0n);
}

function textOf(nanos: bigint): string {
  if (nanos === 0n) return "0";
  if (nanos % nano !== 0n) {
    const [suffix, unit] =
      nanos % 10n ** 6n === 0n ? ["m", 10n ** 6n] : nanos % 1000n === 0n ? ["u", 1000n] : ["n", 1n];
    return `${nanos / (unit as bigint)}${suffix}`;
  }
  const units = nanos / nano;
  return (
    largest(units, 1024n, Object.keys(binary)) ??
    largest(units, 1000n, ["k", "M", "G", "T", "P", "E"]) ??
    `${units}`
  );
}

/** With the largest suffix that leaves a whole number; undefined where not even the first does. */
function largest(units: bigint, base: bigint, suffixes: string[]): string | undefined {
  let power = 0;
  while (power < suffixes.length && units % base ** BigInt(power + 1) === 0n) power++;
  return power === 0 ? undefined : `${units / base ** BigInt(power)}${suffixes[power - 1]}`;
}
