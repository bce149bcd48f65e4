import { createHash } from "node:crypto";

/** Numbers that look random and are always the same for one seed and topic. */
export interface Random {
  /** From 0 up to, and without, `below`; whole. */
  int(below: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `count` of the list, in its order. */
  sample<T>(list: readonly T[], count: number): T[];
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), its 128 bits of state taken from SHA-256 of `seed/topic`. Each topic has a
 * stream of its own, so that drawing more numbers for one thing leaves every other thing as it was.
 */
export function random(seed: number, topic: string): Random {
  const words = createHash("sha256").update(`${seed}/${topic}`).digest();
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => words.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const found = list[int(list.length)];
      if (found === undefined) throw new RangeError("there is nothing to pick from");
      return found;
    },
    sample: (list, count) => {
      const order = list.map((_, i) => ({ i, rank: next() })).sort((x, y) => x.rank - y.rank || x.i - y.i);
      const chosen = new Set(order.slice(0, count).map(({ i }) => i));
      return list.filter((_, i) => chosen.has(i));
    },
  };
}
