import type { z } from "zod";
import { type CallSite, callSite } from "../model/call-site.ts";
import { handleTag, type PartUse } from "../model/handles.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { ImageReference } from "./image.ts";
import type { PlacedApp } from "./placed-app.ts";
import type { Collection, Need, Resolved, Token } from "./token.ts";

/** What a part sees of the cluster it is rendered for. */
export interface ClusterFacts {
  name: string;
  type: "local" | "kubernetes";
  environment: string | undefined;
  labels: Record<string, string>;
  /** The URL under which a host name of this cluster answers from outside. */
  urlOf(host: string): string;
}

/** Everything a part's functions may depend on; rendering is pure and synchronous. */
export interface PartContext<O = unknown, N = unknown> {
  company: { name: string; domain: string };
  cluster: ClusterFacts;
  namespace: string;
  options: O;
  needs: N;
  /** The apps placed on this cluster, by name in order. */
  apps: readonly PlacedApp[];
  /** Where this cluster fetches the fleet repo from; no URL where commits are handed to it. */
  fleet: { url: string | undefined; branch: string; secret: string | undefined };
  /** Everything other parts contribute to a collection. */
  collected<T>(from: Collection<T>): T[];
}

export interface Provision<O, N> {
  token: Token<unknown>;
  value: (cx: PartContext<O, N>) => unknown;
}

export interface Contribution<O, N> {
  collection: Collection<unknown>;
  items: (cx: PartContext<O, N>) => unknown[];
}

/** A rule of the policy set that a part cannot keep, with the reason. */
export interface Waiver {
  rule: string;
  reason: string;
}

/** A page of a part for people. */
export interface PartPage {
  title: string;
  host: string;
  /** The image that serves it, where one built by its recipe lacks pages: they are then not shown. */
  image?: string;
}

/** A program of the part as a process of the host, for clusters whose pods are simulated. */
export interface HostProcess {
  program: string;
  args: (endpoint: { kubeconfig: string; port: number; dataDir: string }) => string[];
  /** The path that answers 200 on the process's port when it is healthy. */
  health?: string;
}

export interface PartDefinition<O extends z.ZodObject, N extends Record<string, Need>> {
  /** The part's id: its folder's name and its key in the declaration. */
  id: string;
  title: string;
  category: "delivery" | "network" | "metrics" | "storage" | "release";
  docs: string;
  options: O;
  /** @default the part's id */
  namespace?: string;
  /** Set where pods cannot meet the restricted profile. @default restricted */
  podSecurity?: { level: "baseline" | "privileged"; reason: string };
  needs?: N;
  provides?: Provision<z.output<O>, Resolved<N>>[];
  contributes?: Contribution<z.output<O>, Resolved<N>>[];
  images?: Record<string, ImageReference>;
  waivers?: Waiver[];
  pages?: (cx: PartContext<z.output<O>, Resolved<N>>) => PartPage[];
  processes?: HostProcess[];
  render: (cx: PartContext<z.output<O>, Resolved<N>>) => readonly KubernetesObject[];
}

/** A definition whose type parameters are forgotten, as the registry holds it. */
export type AnyPart = PartDefinition<z.ZodObject, Record<string, Need>>;

/** A part as the declaration uses it: `prometheus({ retention: "7d" })`. */
export interface Part<O extends z.ZodObject = z.ZodObject> {
  (options?: z.input<O>): PartUse;
  readonly definition: AnyPart;
}

/**
 * Define a part. The result is what a declaration lists under `parts`, and carries its definition for the registry.
 * @example export const gatewayApiCrds = definePart({ id: "gateway-api", title: "Gateway API", … });
 */
export function definePart<O extends z.ZodObject, N extends Record<string, Need> = Record<never, never>>(
  definition: PartDefinition<O, N>,
): Part<O> {
  const use = (options: z.input<O> = {} as z.input<O>): PartUse => ({
    [handleTag]: "part",
    name: definition.id,
    spec: options as Record<string, unknown>,
    site: callSite(use as (...args: never[]) => unknown) as CallSite | undefined,
  });
  return Object.assign(use, { definition: definition as unknown as AnyPart });
}

/** Provide a token: `provide(gateway, (cx) => ({ name: "gateway", namespace: cx.namespace, … }))`. */
export function provide<T, O, N>(token: Token<T>, value: (cx: PartContext<O, N>) => T): Provision<O, N> {
  return { token, value };
}

/** Contribute to a collection: `contribute(ruleGroups, (cx) => [...])`. */
export function contribute<T, O, N>(
  collection: Collection<T>,
  items: (cx: PartContext<O, N>) => T[],
): Contribution<O, N> {
  return { collection, items };
}
