/**
 * Who reaches whom in a cluster, twice: as the declaration says (`declaredReach`), and as a real analyser reads the
 * rendered network policies (`analysedReach`). Both give the same form, so that one `toEqual` compares every pair.
 */
import { rmSync } from "node:fs";
import { stringify } from "yaml";
import type { ClusterPlan } from "../../src/compile/plan.ts";
import type { PlacedApp } from "../../src/kit/placed-app.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { objectsOf, writeFolder } from "./shop.ts";
import { judge, type Tool } from "./tools.ts";

/** `shop/cart → shop/redis` to the sorted ports that are open, e.g. `["TCP/6379"]`. Pairs without any are absent. */
export type Reach = Record<string, string[]>;

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"];
const readByAnalyser = ["Namespace", "NetworkPolicy", ...workloadKinds];
/** Every address that is no pod. */
export const outside = "outside";
const all = ["all"];

/** What the analyser finds in the objects. It takes pods in the node's network for ordinary ones. */
export async function analysedReach(tool: Tool, objects: KubernetesObject[]): Promise<Reach> {
  const read = objects.filter(({ kind }) => readByAnalyser.includes(kind));
  const folder = writeFolder({
    "objects.yaml": read.map((object) => stringify(object, { aliasDuplicateObjects: false })).join("---\n"),
  });
  try {
    const form = ["--output_format", "txt_no_fw_rules", "--output_endpoints", "deployments"];
    const { code, text } = await judge(tool, ["--resource_list", folder, "--connectivity", folder, ...form]);
    if (code !== 0) throw new Error(text);
    return readReach(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReach(text: string): Reach {
  const reach: Reach = {};
  for (const line of text.split("\n")) {
    const [, from = "", to = "", ports = ""] = line.match(/^(\S+) => (\S+) : (.+)$/) ?? [];
    if (from) add(reach, endpoint(from), endpoint(to), readPorts(ports));
  }
  return reach;
}

const endpoint = (name: string) => (/^\d/.test(name) ? outside : name.replace(/\[\w+\]$/, ""));

/** `{protocols:TCP, UDP,dst_ports:53,8000-8080}` or `All connections`. Ranges stay ranges: nothing declares any. */
function readPorts(text: string): string[] {
  if (text === "All connections") return all;
  return [...text.matchAll(/\{protocols:([A-Z, ]+?),dst_ports:([-\d,]+)\}/g)].flatMap(
    ([, protocols = "", ports = ""]) =>
      protocols.split(", ").flatMap((protocol) => ports.split(",").map((port) => `${protocol}/${port}`)),
  );
}

function add(reach: Reach, from: string, to: string, ports: string[]): void {
  if (from === to || ports.length === 0) return;
  const key = `${from} → ${to}`;
  reach[key] = [...new Set([...(reach[key] ?? []), ...ports])].sort();
}

/** What parts are for, in their own words: ports they offer to everybody, and how far they reach themselves. */
export interface PartsReach {
  /** By workload, `namespace/name`. */
  offers: Record<string, string[]>;
  /** Workloads that reach nothing but these ports, anywhere; all other parts reach everything. */
  confined: Record<string, string[]>;
  gateway: string;
  store: string;
  dns: string;
}

interface Workload {
  id: string;
  app: PlacedApp | undefined;
  metrics: string | undefined;
}

/** What the declaration's graph says should be open: calls, exposed ports, metrics, DNS. No policy is read. */
export function declaredReach(cluster: ClusterPlan, parts: PartsReach): Reach {
  const workloads = objectsOf(cluster)
    .filter(({ kind }) => workloadKinds.includes(kind))
    .map((object) => workloadOf(cluster, object));
  const reach: Reach = {};
  for (const to of workloads) add(reach, outside, to.id, parts.offers[to.id] ?? []);
  for (const from of workloads) {
    add(reach, from.id, outside, from.app ? [] : (parts.confined[from.id] ?? all));
    for (const to of workloads) add(reach, from.id, to.id, openPorts(from, to, parts));
  }
  return reach;
}

function workloadOf(cluster: ClusterPlan, object: KubernetesObject): Workload {
  const { template } = object.spec as { template: { metadata: { annotations?: Record<string, string> } } };
  const port = template.metadata.annotations?.["landfall.dev/metrics-port"];
  return {
    id: `${object.metadata.namespace}/${object.metadata.name}`,
    app: cluster.apps.find((app) => `${app.namespace}/${app.name}` === idOf(object)),
    metrics: port && `TCP/${port}`,
  };
}

const idOf = ({ metadata }: KubernetesObject) => `${metadata.namespace}/${metadata.name}`;

function openPorts(from: Workload, to: Workload, parts: PartsReach): string[] {
  if (from.app) return portsForApp(from.app, to, parts);
  if (parts.confined[from.id]) return [];
  return [
    ...(parts.offers[to.id] ?? []),
    ...(from.id === parts.store && to.metrics ? [to.metrics] : []),
    ...(from.id === parts.gateway && to.app ? exposedPorts(to.app) : []),
  ];
}

function portsForApp({ spec }: PlacedApp, to: Workload, parts: PartsReach): string[] {
  const visits = spec.reaches.some((reach) => reach.to === "gateway");
  if (to.id === parts.dns || (to.id === parts.gateway && visits)) return parts.offers[to.id] ?? [];
  return to.app && spec.calls.includes(to.app.name) ? servedPorts(to.app) : [];
}

function servedPorts({ ports, metrics }: PlacedApp): string[] {
  return ports.filter((port) => port !== metrics?.port).map(({ port }) => `TCP/${port}`);
}

/** The port that is named, else the first that speaks HTTP or gRPC. */
function exposedPorts(app: PlacedApp): string[] {
  return app.spec.expose.map(({ port: name }) => {
    const spoken = app.ports.filter((port) => port.protocol !== "tcp" && port !== app.metrics?.port);
    return `TCP/${(name ? app.ports.find((port) => port.name === name) : spoken[0])?.port}`;
  });
}
