/** What is measured: the rollouts of KubeFleet's report, of 100 clusters each in three stages without gates. */
export interface Settings {
  releases: number;
  clusters: number;
  /** Clusters that each app is placed on, a third of them in each stage; half of a stage's move at once. */
  placements: number;
  /** Milliseconds from a commit's push until a cluster serves it: at least, and at most. */
  serves: readonly [number, number];
  /** Milliseconds that a cluster's API server takes for each answer. */
  answers: number;
}

export const usual: Settings = {
  ...{ releases: 100, clusters: 1000, placements: 100 },
  ...{ serves: [2000, 6000], answers: 5 },
};

export const clusterName = (i: number) => `c${String(i).padStart(4, "0")}`;
export const bundleName = (app: string) => `app-${app}`;
export const appOf = (bundle: string) => bundle.slice("app-".length);
export const appName = (i: number) => `a${String(i).padStart(3, "0")}`;

/** The clusters of an app: spread evenly, so that each cluster has as many apps as any other. */
export function clustersOf(app: number, { clusters, placements, releases }: Settings): string[] {
  const first = Math.floor((app * clusters) / releases);
  return Array.from({ length: placements }, (_, i) => clusterName((first + i) % clusters));
}
