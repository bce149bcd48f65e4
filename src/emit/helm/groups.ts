/** What one cluster has of something, told apart by `key`: such as an app with its values. */
export interface Placed {
  cluster: string;
  environment: string | undefined;
  key: string;
}

/** Clusters of one environment that have the same. */
export interface Group {
  /** The environment, with the first cluster where its clusters differ: `prod`, `prod.us-1`. */
  name: string;
  key: string;
  clusters: string[];
}

/** One group for each environment, or several where its clusters differ. Clusters without one are `default`. */
export function groupsOf(placed: Placed[]): Group[] {
  const environments = Map.groupBy(placed, ({ environment }) => environment ?? "default");
  return [...environments].flatMap(([environment, here]) => {
    const alike = [...Map.groupBy(here, ({ key }) => key)];
    return alike.map(([key, members]) => {
      const clusters = members.map(({ cluster }) => cluster);
      return { name: alike.length === 1 ? environment : `${environment}.${clusters[0]}`, key, clusters };
    });
  });
}
