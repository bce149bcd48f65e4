import type { ImageReference } from "../kit/image.ts";
import type { ClusterFacts, HostProcess, PartPage, Waiver } from "../kit/part.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import type { DnsZone } from "../kit/tokens.ts";
import type { ClusterSpec } from "../model/company.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { Place, Problem } from "../util/errors.ts";
import type { AppServices } from "./app-policy.ts";
import type { Content } from "./content.ts";

/** What is applied and pruned together: one app, one part, or the secrets of one namespace. */
export interface Bundle {
  /** Unique in a cluster and a DNS label: `app-cart`, `part-prometheus`, `secrets-shop`. */
  name: string;
  kind: "app" | "part" | "secrets";
  /** The app's, part's or namespace's name. */
  owner: string;
  /** What it applies; bundles of clusters that get the same share it. */
  content: Content;
  /** The content's objects, rendered anew each time they are asked for. */
  readonly objects: KubernetesObject[];
  /** Files copied as they are: ciphertext, by file name. */
  files: Record<string, string>;
  /** Bundles that must be applied and healthy first. */
  after: string[];
  waivers: Waiver[];
  readonly place: Place;
}

/** A bundle before its objects are asked for. */
export type Draft = Omit<Bundle, "objects">;

/** Everything one cluster gets. */
export interface ClusterPlan {
  name: string;
  spec: ClusterSpec;
  facts: ClusterFacts;
  /** The namespace of what applies the fleet repo. */
  deliveryNamespace: string;
  /** The metrics store's address inside the cluster. */
  metricsStoreUrl: string | undefined;
  /** The alert sink's address inside the cluster. */
  alertSinkUrl: string | undefined;
  /** In which zones names are ours, and who writes their records. */
  dnsZone: DnsZone | undefined;
  namespaces: KubernetesObject[];
  bundles: Bundle[];
  apps: PlacedApp[];
  /** What the parts offer to the apps. */
  services: AppServices;
  /** The names that the Secrets the apps refer to have by their content. */
  secretNames: Record<string, string>;
  /** Images with the recipe that makes them where they cannot be pulled, sorted by reference. */
  images: ImageReference[];
  /** Pages for people: the exposed apps, then the parts' own. */
  pages: PartPage[];
  /** What runs as a process of the host where pods are simulated. */
  processes: HostProcess[];
  /** The ids of the parts, in the order declared. */
  parts: string[];
}

/** The compiled declaration: every object of every cluster, before it is written anywhere. */
export interface Plan {
  company: string;
  dir: string;
  fleet: { url: string | undefined; branch: string; path: string; secret: string | undefined };
  kubernetes: "1.36";
  clusters: ClusterPlan[];
  warnings: Problem[];
  /** Milliseconds per step, for benchmarks. */
  timings: Record<string, number>;
}
