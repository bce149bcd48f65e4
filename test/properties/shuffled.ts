/**
 * Below these the order of keys stays: an app's first port is the one meant where none is named, and raw objects are
 * given on as they are.
 */
const kept = new Set(["ports", "raw"]);

/** The same value with the keys of its objects in another order, at every depth; `seed` tells which. */
export function shuffled<T>(value: T, seed: number): T {
  let state = seed;
  // Lehmer's generator: a seed must give the same order on every machine.
  const next = () => {
    state = ((state + 1) * 48_271) % 2_147_483_647;
    return state;
  };
  const visit = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(visit);
    if (item === null || typeof item !== "object") return item;
    const keyed = Object.entries(item).map(([key, inner]) => {
      const at = next();
      return { at, pair: [key, kept.has(key) ? inner : visit(inner)] as const };
    });
    return Object.fromEntries(keyed.sort((a, b) => a.at - b.at).map(({ pair }) => pair));
  };
  return visit(value) as T;
}
