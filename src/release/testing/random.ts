/** Draws of one run: the same seed gives the same run. */
export interface Random {
  /** From 0 to below `n`. */
  below: (n: number) => number;
  /** True once in `n` times. */
  oneIn: (n: number) => boolean;
  pick: <T>(of: readonly T[]) => T | undefined;
}

/** Mulberry32: small, fast, and good enough to choose what happens next. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, oneIn: (n) => below(n) === 0, pick: (of) => of[below(of.length)] };
}
