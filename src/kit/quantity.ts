/** Twice a Kubernetes quantity of bytes, in the same unit: `64Mi` → `128Mi`. */
export function doubled(quantity: string): string {
  const match = quantity.match(/^(\d+(?:\.\d+)?)([A-Za-z]*)$/);
  return match ? `${Number(match[1]) * 2}${match[2]}` : quantity;
}

const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity of bytes as a number: `64Mi` → 67108864. */
export function bytesIn(quantity: string): number {
  const [, number = "", unit = ""] = quantity.match(/^(\d+(?:\.\d+)?)([A-Za-z]*)$/) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}
