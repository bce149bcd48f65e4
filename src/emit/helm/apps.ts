import type { AppServices } from "../../compile/app-policy.ts";
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { secretsOf } from "../../compile/render-app.ts";
import type { PlacedApp } from "../../kit/placed-app.ts";
import { canonicalJson } from "../../util/hash.ts";
import { toYaml } from "../../util/yaml.ts";
import { type Group, groupsOf, type Placed } from "./groups.ts";
import { valuesOf } from "./values.ts";

/** An app on one cluster; its key is its values as text. */
interface Placement extends Placed {
  app: string;
  placed: PlacedApp;
}

/** An app wherever it is placed, by its name in the declaration. */
export interface HelmApp {
  app: string;
  placements: Placement[];
  groups: Group[];
  /** The group of each cluster. */
  on: Map<string, Group>;
}

/** Files are named after the declaration, also where an app's objects still have an older name. */
export const declaredName = ({ name, declared = name }: { name: string; declared?: string }) => declared;

/** The apps of a plan with their values, by name in order. */
export function helmApps(plan: Plan): Map<string, HelmApp> {
  const values = sharedValues();
  const placements = plan.clusters.flatMap((cluster) =>
    cluster.apps.map((placed): Placement => {
      const key = values(placed, cluster);
      const { name, facts } = cluster;
      return { app: declaredName(placed), cluster: name, environment: facts.environment, key, placed };
    }),
  );
  const apps = [...Map.groupBy(placements, ({ app }) => app)].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    apps.map(([app, here]) => {
      const groups = groupsOf(here);
      const on = new Map(groups.flatMap((group) => group.clusters.map((cluster) => [cluster, group])));
      return [app, { app, placements: here, groups, on }];
    }),
  );
}

/** An app's values as text, made once for clusters that see it alike and offer the same. */
function sharedValues(): (app: PlacedApp, cluster: ClusterPlan) => string {
  const offers = new Map<AppServices, string>();
  const offerOf = (services: AppServices) => {
    const known = offers.get(services) ?? canonicalJson(services);
    offers.set(services, known);
    return known;
  };
  const made = new Map<PlacedApp, Map<string, string>>();
  return (app, { services, secretNames }) => {
    const secretName = (secret: string) => secretNames[secret] ?? secret;
    const offer = [offerOf(services), ...secretsOf(app).map(secretName)].join("\n");
    const known = made.get(app) ?? new Map<string, string>();
    made.set(app, known);
    const text = known.get(offer) ?? toYaml(valuesOf(app, services, secretName));
    known.set(offer, text);
    return text;
  };
}
