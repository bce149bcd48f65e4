/** What one cluster has of something: a text, such as an app's values. */
export interface Placed {
  cluster: string;
  environment: string | undefined;
  text: string;
}

/** Clusters of one environment that have the same text. */
export interface Group {
  /** The environment, with the first cluster where its clusters differ: `prod`, `prod.us-1`. */
  name: string;
  text: string;
  clusters: string[];
}

/** One group for each environment, or several where its clusters differ. Clusters without one are `default`. */
export function groupsOf(placed: Placed[]): Group[] {
  const environments = Map.groupBy(placed, ({ environment }) => environment ?? "default");
  return [...environments].flatMap(([environment, here]) => {
    const alike = [...Map.groupBy(here, ({ text }) => text)];
    return alike.map(([text, members]) => {
      const clusters = members.map(({ cluster }) => cluster);
      return { name: alike.length === 1 ? environment : `${environment}.${clusters[0]}`, text, clusters };
    });
  });
}

/** An app on one cluster, with its values as text. */
export interface Placement extends Placed {
  app: string;
  /** The names of the apps it calls. */
  calls: string[];
}

/** An app wherever it is placed. */
export interface HelmApp {
  app: string;
  placed: Placement[];
  groups: Group[];
}
