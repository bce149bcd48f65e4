import fc from "fast-check";

/** What may go wrong in a run; each is tried in some runs and left out in others, so that failures shrink to few. */
export interface Faults {
  /** Clusters stop to answer, or to read, and some come back. */
  outages: boolean;
  /** Engines are killed between any two operations. */
  kills: boolean;
  /** The answer to a push is lost, and the same push is sent again. */
  lostAnswers: boolean;
  /** What engines see of clusters and gates is old, twice there or missing. */
  staleViews: boolean;
  /** Flux, Flagger and objects of clusters are stopped, killed and deleted. */
  controllers: boolean;
  /** Somebody commits pointers by hand, or pushes with force. */
  hands: boolean;
  /** People pause, abort, roll back and approve without the right at random. */
  people: boolean;
  /** New versions are bad: on all clusters, on some, or by their metrics alone. */
  badVersions: boolean;
  freezes: boolean;
  hotfixes: boolean;
}

export interface Setting {
  seed: number;
  clusters: number;
  bundles: number;
  waves: number;
  releases: number;
  engines: number;
  /** Engines' clocks differ from the true time by up to this many seconds. */
  skew: number;
  /** Things that happen before everything gets calm. */
  ticks: number;
  onFailure: "all" | "wave" | "none";
  faults: Faults;
}

const often = fc.boolean();

const faults: fc.Arbitrary<Faults> = fc.record({
  outages: often,
  kills: often,
  lostAnswers: often,
  staleViews: often,
  controllers: often,
  hands: fc.nat(5).map((n) => n === 5),
  people: often,
  badVersions: often,
  freezes: fc.nat(3).map((n) => n === 3),
  hotfixes: often,
});

/** Settings of small fleets, and one in `large` (0 for none) with a thousand clusters. */
export function settings(large: number): fc.Arbitrary<Setting> {
  const small = settingsOf(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 30, max: 400 }));
  if (large === 0) return small;
  const big = settingsOf(fc.constant(1000), fc.constant(6000));
  return fc.oneof({ arbitrary: small, weight: large - 1 }, { arbitrary: big, weight: 1 });
}

function settingsOf(clusters: fc.Arbitrary<number>, ticks: fc.Arbitrary<number>): fc.Arbitrary<Setting> {
  return fc.record({
    seed: fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    clusters,
    bundles: fc.integer({ min: 1, max: 3 }),
    waves: fc.integer({ min: 1, max: 3 }),
    releases: fc.integer({ min: 1, max: 3 }),
    engines: fc.integer({ min: 1, max: 3 }),
    skew: fc.constantFrom(0, 0, 5, 30),
    ticks,
    onFailure: fc.constantFrom("all" as const, "all" as const, "wave" as const, "none" as const),
    faults,
  });
}
