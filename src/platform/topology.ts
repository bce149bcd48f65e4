/**
 * The declaration as a graph: what its apps call, wait for, read and keep, what parts provide to each other and to
 * apps, and which host names lead where. Nothing is rendered, so it is quick for the largest of them.
 */
import { lastingVolumes } from "../compile/app-shape.ts";
import { appTokens } from "../compile/app-tokens.ts";
import { callsOf, placements } from "../compile/resolve.ts";
import { type ChosenPart, wireCluster } from "../compile/wire.ts";
import { buildGraph, type Graph, type GraphEdge, type GraphNode } from "../graph/graph.ts";
import type { Need } from "../kit/token.ts";
import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";

interface Collected {
  nodes: Map<string, GraphNode>;
  edges: GraphEdge[];
}

/**
 * The graph of a company whose references were checked, on one cluster or on all of them together: an edge is there
 * when one cluster at least has it.
 */
export function topologyOf(company: Company, parts: readonly ChosenPart[], cluster?: string): Graph {
  const into: Collected = { nodes: new Map(), edges: [] };
  const placed = placements(company);
  const here = [...placed].filter(([, clusters]) => cluster === undefined || clusters.includes(cluster));
  for (const [app, clusters] of here) addAppNode(into, company, app, clusters);
  const providers = addParts(into, parts);
  for (const name of cluster === undefined ? Object.keys(company.spec.clusters) : [cluster])
    addPages(into, company, parts, name);
  for (const [app, clusters] of here) {
    const seen = cluster === undefined ? clusters : [cluster];
    // Clusters that see an app alike share one object.
    for (const spec of new Set(seen.map((name) => company.appOn(app, name))))
      addApp(into, app, spec, providers);
  }
  // An app that runs on none of the clusters asked for can be called all the same.
  const edges = into.edges.filter(({ from, to }) => into.nodes.has(from) && into.nodes.has(to));
  return buildGraph(into.nodes.values(), edges);
}

function addAppNode({ nodes }: Collected, company: Company, name: string, clusters: string[]): void {
  const spec = company.spec.apps[name] as AppSpec;
  nodes.set(`app/${name}`, {
    id: `app/${name}`,
    kind: "app",
    name,
    namespace: spec.namespace ?? company.spec.company,
    ...(Object.keys(spec.labels).length > 0 && { labels: spec.labels }),
    clusters,
    ...(lastingVolumes(spec).length > 0 && { stateful: true }),
  });
}

/** What one view of an app needs, and what leads to it. */
function addApp(into: Collected, name: string, spec: AppSpec, providers: Map<string, string>): void {
  const from = `app/${name}`;
  const { edges } = into;
  for (const callee of callsOf(name, spec)) edges.push({ from, to: `app/${callee}`, kind: "calls" });
  for (const other of spec.after) edges.push({ from, to: `app/${other}`, kind: "after" });
  for (const [label, value] of Object.entries(spec.env)) {
    if (typeof value !== "object" || !("secret" in value)) continue;
    edges.push({ from, to: node(into, "secret", value.secret), kind: "reads", label });
  }
  for (const [volume, { path: label }] of lastingVolumes(spec))
    edges.push({ from, to: node(into, "volume", `${name}/${volume}`), kind: "keeps", label });
  for (const { token } of appTokens(spec)) {
    const part = providers.get(token.id);
    if (part) edges.push({ from, to: `part/${part}`, kind: "needs", label: token.id });
  }
  for (const { host, path } of spec.expose) {
    const routes = { from: node(into, "host", host), kind: "routes" as const };
    edges.push({ ...routes, to: from, label: path });
    for (const [other, weight] of Object.entries(spec.weights))
      edges.push({ ...routes, to: `app/${other}`, label: `${path} ${weight} %` });
  }
}

/** The parts with what they need of each other; gives who provides each token. */
function addParts(into: Collected, parts: readonly ChosenPart[]): Map<string, string> {
  const definitions = parts.map(({ definition }) => definition);
  const provisions = definitions.flatMap(({ id, provides = [] }) =>
    provides.map(({ token }) => [token.id, id] as const),
  );
  const providers = new Map(provisions);
  for (const { id, needs = {} } of definitions) {
    const from = node(into, "part", id);
    for (const need of Object.values(needs)) into.edges.push(...needEdge(from, id, need, providers));
  }
  return providers;
}

function needEdge(from: string, id: string, need: Need, providers: Map<string, string>): GraphEdge[] {
  const { id: label } = need.kind === "token" ? need : need.token;
  const provider = providers.get(label);
  if (!provider || provider === id) return [];
  return [{ from, to: `part/${provider}`, kind: need.kind === "token" ? "needs" : "uses", label }];
}

/** Host names of the parts' own pages. */
function addPages(into: Collected, company: Company, parts: readonly ChosenPart[], name: string): void {
  const spec = company.spec.clusters[name];
  if (!spec) return;
  const { environment } = spec;
  const cluster = { name, spec, environment, labels: company.labelsOf(name), apps: [] };
  const wired = wireCluster(company, cluster, [...parts]);
  for (const { definition, context } of wired.parts) {
    for (const { host } of definition.pages?.(context as never) ?? [])
      into.edges.push({ from: node(into, "host", host), to: `part/${definition.id}`, kind: "routes" });
  }
}

/** The id of a node, which is made where there is none yet. */
function node({ nodes }: Collected, kind: GraphNode["kind"], name: string): string {
  const id = `${kind}/${name}`;
  if (!nodes.has(id)) nodes.set(id, { id, kind, name });
  return id;
}
