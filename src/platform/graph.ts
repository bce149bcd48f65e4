import { checkDeclaration, compileDeclaration } from "../compile/index.ts";
import type { Bundle } from "../compile/plan.ts";
import { filterGraph, selectApps } from "../graph/filter.ts";
import { buildGraph, edgesOf, type Graph, type GraphEdge } from "../graph/graph.ts";
import type { Declaration } from "../model/declaration.ts";
import { loadDeclaration } from "../model/load.ts";
import { registry } from "../parts/index.ts";
import { failure } from "../util/errors.ts";
import { nameHint, requireName } from "../util/known-name.ts";
import { selector } from "./bulk/where.ts";
import { topologyOf } from "./topology.ts";

export interface GraphOptions {
  /** The graph of one cluster; by default of all together. */
  cluster?: string;
  /** Only the apps that this selects, as in every command: `tier=web,env=prod`. */
  where?: string;
}

export interface OpenedGraph {
  /** The company, and the cluster where one was asked for. */
  title: string;
  graph: Graph;
  /** Edges between apps that were selected and apps that were not. */
  cut: number;
}

/**
 * The graph of the declaration at `path`. Nothing is rendered. Throws what is wrong with the declaration, LF1006 for
 * an unknown cluster, and what is wrong with the selection.
 */
export async function openGraph(path: string, options: GraphOptions = {}): Promise<OpenedGraph> {
  return openIn(await loadDeclaration(path), options);
}

/**
 * The apps and parts alone, with all that their Kustomizations wait for as `after`: what the declaration says, and the
 * definitions of custom resources, which only rendering tells. Throws as `openGraph` does.
 */
export async function openRollout(path: string, options: GraphOptions = {}): Promise<OpenedGraph> {
  const declaration = await loadDeclaration(path);
  const opened = openIn(declaration, options);
  const { clusters } = await compileDeclaration(declaration, { registry });
  const graph = filterGraph(opened.graph, ({ kind }) => kind === "app" || kind === "part");
  const waits = clusters
    .filter(({ name }) => options.cluster === undefined || name === options.cluster)
    .flatMap(({ bundles }) => waitsIn(bundles))
    .filter(({ from, to }) => graph.indexOf.has(from) && graph.indexOf.has(to));
  return { ...opened, graph: buildGraph(graph.nodes, [...edgesOf(graph), ...waits]) };
}

/** What the bundles of a cluster wait for; secrets are nothing that an order could move. */
function waitsIn(bundles: readonly Bundle[]): GraphEdge[] {
  const nodes = new Map(bundles.map(({ name, kind, owner }) => [name, `${kind}/${owner}`]));
  return bundles.flatMap(({ name, after }) =>
    after.map((other) => ({
      from: nodes.get(name) ?? "",
      to: nodes.get(other) ?? "",
      kind: "after" as const,
    })),
  );
}

function openIn(declaration: Declaration, { cluster, where }: GraphOptions): OpenedGraph {
  const { company, parts } = checkDeclaration(declaration, registry);
  const { clusters, company: name } = company.spec;
  if (cluster !== undefined) requireName("LF1006", "cluster", cluster, Object.keys(clusters));
  const graph = topologyOf(company, parts, cluster);
  const title = cluster === undefined ? name : `${name} on ${cluster}`;
  if (where === undefined) return { title, graph, cut: 0 };
  const apps = new Set(selector(company)(where).apps);
  return { title, ...selectApps(graph, ({ name: app }) => apps.has(app)) };
}

/** The node that a name means: an app's, else that of a part, host name or secret; or an id such as `part/flux`. */
export function findNode(graph: Graph, name: string): number {
  const candidates = [name, ...["app", "part", "host", "secret", "volume"].map((kind) => `${kind}/${name}`)];
  const found = candidates.map((id) => graph.indexOf.get(id)).find((n) => n !== undefined);
  if (found !== undefined) return found;
  throw failure("LF1005", {
    what: `nothing in the graph is named ${name}`,
    fix: nameHint(
      name,
      graph.nodes.map((node) => node.name),
    ),
  });
}
