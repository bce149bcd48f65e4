/** Renders a part alone on a made-up cluster, so that its own test is its options and a golden. */
import type { z } from "zod";
import type { KubernetesObject } from "../../schema/object.ts";
import type { ClusterFacts, Part, PartContext } from "../part.ts";
import type { PlacedApp } from "../placed-app.ts";
import type { Collection, Token } from "../token.ts";
import { sampleApps, samples } from "./samples.ts";

export interface PartSetting<O = Record<string, unknown>> {
  options?: O | undefined;
  /** @default local */
  cluster?: ClusterFacts["type"];
  /** Needed tokens that nobody provides here. Only an optional need may lack its provider. */
  without?: Token<unknown>[];
  /** @default three sample apps */
  apps?: readonly PlacedApp[];
  /** The fleet repo's address on a Git host; without it landfall publishes the fleet itself. */
  gitUrl?: string;
  /** What other parts contribute, by collection. */
  collected?: [Collection<unknown>, unknown[]][];
}

type Setting<O extends z.ZodObject> = PartSetting<z.input<O>>;

/** The context of a part in a setting. Options are parsed strictly, as the compiler does. */
export function contextOf<O extends z.ZodObject>(part: Part<O>, setting: Setting<O> = {}): PartContext {
  const { definition } = part;
  const { cluster = "local", without = [], apps = sampleApps, gitUrl, collected = [] } = setting;
  const absent = new Set(without.map(({ id }) => id));
  const needs = Object.entries(definition.needs ?? {}).map(([key, need]) => {
    const token = need.kind === "optional" ? need.token : need;
    if (!absent.has(token.id)) return [key, sampleOf(token)];
    if (need.kind !== "optional") throw new Error(`${definition.id} cannot do without ${token.id}`);
    return [key, undefined];
  });
  return {
    company: { name: "acme", domain: "acme.localhost" },
    cluster: {
      name: "here",
      type: cluster,
      environment: undefined,
      labels: {},
      urlOf: (host) => `http://${host}:8080`,
    },
    namespace: definition.namespace ?? definition.id,
    options: definition.options.strict().parse(setting.options ?? {}),
    needs: Object.fromEntries(needs),
    apps,
    fleet: { url: gitUrl, branch: "main", secret: undefined },
    collected: <T>(from: Collection<T>) =>
      collected.filter(([{ id }]) => id === from.id).flatMap(([, items]) => items as T[]),
  };
}

function sampleOf(token: Token<unknown>): unknown {
  const value = samples.get(token.id);
  if (value === undefined) throw new Error(`no sample of the token ${token.id}: add one to samples.ts`);
  return value;
}

/** Every object of a part in a setting. */
export function renderPart<O extends z.ZodObject>(
  part: Part<O>,
  setting: Setting<O> = {},
): KubernetesObject[] {
  return [...part.definition.render(contextOf(part, setting) as never)];
}

/** What a part provides for a token in a setting. */
export function provided<T, O extends z.ZodObject>(
  part: Part<O>,
  token: Token<T>,
  setting: Setting<O> = {},
): T {
  const provision = part.definition.provides?.find((p) => p.token.id === token.id);
  if (!provision) throw new Error(`${part.definition.id} does not provide ${token.id}`);
  return provision.value(contextOf(part, setting) as never) as T;
}

/** The one object of a kind (and name); throws when there is none or more than one. */
export function theOne(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  const [object] = found;
  if (!object || found.length > 1) throw new Error(`${found.length} objects are ${kind} ${name ?? ""}`);
  return object;
}
