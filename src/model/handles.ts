/**
 * What a declaration in TypeScript is written with. Each function gives a handle: a value that other handles
 * refer to, so that rename, go-to-definition and completion work. A handle only remembers what was written and
 * where; `serialize.ts` turns handles into the plain tree that YAML has from the start, and all checks are made there.
 */
import type { AppSpecInput, PatchInput } from "./app.ts";
import type { ReleaseInput, ReleasePatch } from "./app-release.ts";
import { type CallSite, callSite } from "./call-site.ts";
import type { ClusterSpecInput, CompanySpecInput, SecretSpecInput } from "./company.ts";
import type { ReleasesSpecInput, WaveSpecInput } from "./waves.ts";

export const handleTag: unique symbol = Symbol.for("landfall.handle") as never;

interface Handle<K extends string, S> {
  readonly [handleTag]: K;
  readonly name: string;
  readonly spec: S;
  readonly site: CallSite | undefined;
}

export interface EnvironmentHandle extends Handle<"environment", { labels?: Record<string, string> }> {
  /** A typed patch for one app in this environment: `overrides: [prod.set({ scale: { min: 3 } })]`. */
  set(patch: AppPatch): EnvironmentPatch;
}
export type ClusterHandle = Handle<
  "cluster",
  ClusterInput & { type: "local" | "kubernetes"; context?: string }
>;
export type SecretHandle = Handle<"secret", SecretSpecInput> &
  SecretReference & {
    /** One key of a secret that has several. */
    key(key: string): SecretReference;
  };
export type PartUse = Handle<"part", Record<string, unknown>>;
export interface AppHandle extends Handle<"app", AppInput> {
  /** Where the app answers as `host:port`; by default its first port. */
  address(port?: string): AddressReference;
}
export type CompanyHandle = Handle<"company", CompanyInput>;

export interface SecretReference {
  readonly secretRef: { secret: string; key: string };
  readonly of: () => SecretHandle;
}
export interface AddressReference {
  readonly address: string;
  readonly port?: string;
}
/** A patch on the clusters whose labels match. */
export interface Override {
  readonly where: Record<string, string>;
  readonly patch: AppPatch;
  readonly site: CallSite | undefined;
}
export interface EnvironmentPatch {
  readonly environment: EnvironmentHandle;
  readonly patch: AppPatch;
  readonly site: CallSite | undefined;
}

type EnvInput = Record<string, string | number | boolean | SecretReference | AddressReference>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An app as it is written in TypeScript: the YAML form, with handles where YAML has names. */
export type AppInput = Omit<
  AppSpecInput,
  "calls" | "after" | "env" | "on" | "overrides" | "release" | "versions"
> & {
  /** The apps it calls; a function where two apps call each other. */
  calls?: AppHandle[] | (() => AppHandle[]);
  /** Apps that must be healthy before this one is rolled out. */
  after?: AppHandle[];
  env?: EnvInput;
  /** How a new version takes the old one's place: exactly one of the four; by default `rolling`. */
  release?: ReleaseInput;
  /** The clusters it runs on; by default all. */
  on?: ClusterHandle[] | { labels?: Record<string, string>; count?: number };
  /** Versions by name, each as what changes then. */
  versions?: Record<string, AppPatch>;
  /** Changes on some of its clusters, in order: `prod.set({ … })`, `override({ region: "eu" }, { … })`. */
  overrides?: (EnvironmentPatch | Override)[];
};
export type AppPatch = Omit<PatchInput, "env" | "release"> & { env?: EnvInput; release?: ReleasePatch };
export type ClusterInput = DistributiveOmit<ClusterSpecInput, "type" | "environment" | "context"> & {
  environment?: EnvironmentHandle;
};
type Freeze = NonNullable<ReleasesSpecInput["freezes"]>[number];
export type CompanyInput = Omit<
  CompanySpecInput,
  | "company"
  | "environments"
  | "clusters"
  | "parts"
  | "secrets"
  | "apps"
  | "overlays"
  | "moved"
  | "waves"
  | "releases"
> & {
  clusters: ClusterHandle[];
  parts?: PartUse[];
  apps?: AppHandle[];
  /** Changes of many apps at once, before an app's own overrides. */
  overlays?: { where?: Record<string, string>; apps?: Record<string, string>; set: AppPatch }[];
  /** Which clusters get a release one after the other; without them all at once. */
  waves?: (Omit<WaveSpecInput, "clusters"> & { clusters?: ClusterHandle[] })[];
  /** What holds for every release. */
  releases?: Omit<ReleasesSpecInput, "freezes"> & {
    freezes?: (Omit<Freeze, "apps" | "clusters"> & { apps?: AppHandle[]; clusters?: ClusterHandle[] })[];
  };
  /** Apps that were renamed; their objects keep the old name. */
  moved?: { from: string; to: AppHandle | string }[];
};

/** An environment, to give to clusters and to patch apps for. */
export function environment(name: string, spec: { labels?: Record<string, string> } = {}): EnvironmentHandle {
  const handle: EnvironmentHandle = {
    [handleTag]: "environment",
    name,
    spec,
    site: callSite(environment),
    set: function set(patch) {
      return { environment: handle, patch, site: callSite(set) };
    },
  };
  return handle;
}

/** A typed patch for one app on the clusters with these labels: `override({ region: "eu" }, { scale: { min: 3 } })`. */
export function override(where: Record<string, string>, patch: AppPatch): Override {
  return { where, patch, site: callSite(override) };
}

/** A real Kubernetes on this machine: `localCluster("local", { environment: dev })`. */
export function localCluster(
  name: string,
  spec: Omit<Extract<ClusterSpecInput, { type: "local" }>, "type" | "environment"> & {
    environment?: EnvironmentHandle;
  } = {},
): ClusterHandle {
  return { [handleTag]: "cluster", name, spec: { ...spec, type: "local" }, site: callSite(localCluster) };
}

/** A Kubernetes that exists already: `kubernetesCluster("eu", { context: "prod-eu" })`. */
export function kubernetesCluster(
  name: string,
  spec: Omit<Extract<ClusterSpecInput, { type: "kubernetes" }>, "type" | "environment"> & {
    environment?: EnvironmentHandle;
  },
): ClusterHandle {
  return {
    [handleTag]: "cluster",
    name,
    spec: { ...spec, type: "kubernetes" },
    site: callSite(kubernetesCluster),
  };
}

/** A secret by reference. Putting it into a string throws: its value exists only in the cluster. */
export function secret(name: string, spec: SecretSpecInput = {}): SecretHandle {
  const refuse = () => {
    throw new SecretInStringError(name, callSite(refuse));
  };
  const reference = (key: string): SecretReference => ({
    secretRef: { secret: name, key },
    of: () => handle,
    ...{ [Symbol.toPrimitive]: refuse },
  });
  const handle: SecretHandle = {
    [handleTag]: "secret",
    name,
    spec,
    site: callSite(secret),
    ...reference("value"),
    key: reference,
  };
  return handle;
}

/** Thrown where a secret handle meets a template string or `+`. */
export class SecretInStringError extends Error {
  readonly code = "LF1009";
  readonly secretName: string;
  readonly site: CallSite | undefined;

  constructor(secretName: string, site: CallSite | undefined) {
    super(`the secret ${secretName} was put into a string`);
    this.secretName = secretName;
    this.site = site;
  }
}

/** The use of a part; what `definePart` gives a declaration, without the part's definition. */
export function partHandle(id: string): (options?: Record<string, unknown>) => PartUse {
  const use = (options: Record<string, unknown> = {}): PartUse => ({
    [handleTag]: "part",
    name: id,
    spec: options,
    site: callSite(use as (...args: never[]) => unknown),
  });
  return use;
}

/** One service of the company. */
export function app(name: string, spec: AppInput): AppHandle {
  return {
    [handleTag]: "app",
    name,
    spec,
    site: callSite(app),
    address: (port) => ({ address: name, ...(port === undefined ? {} : { port }) }),
  };
}

/** The root of the declaration; the file's default export. */
export function company(name: string, spec: CompanyInput): CompanyHandle {
  return { [handleTag]: "company", name, spec, site: callSite(company) };
}
