import { checkDeclaration } from "../compile/index.ts";
import { selectApps } from "../graph/filter.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { loadDeclaration } from "../model/load.ts";
import { registry } from "../parts/index.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { failure } from "../util/errors.ts";
import { topologyOf } from "./topology.ts";

export interface GraphOptions {
  /** The graph of one cluster; by default of all together. */
  cluster?: string;
  /** Labels that apps must have; `namespace` and `name` count as labels. */
  where?: Record<string, string>;
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
 * an unknown cluster, and LF9001 where no app is selected.
 */
export async function openGraph(path: string, { cluster, where }: GraphOptions = {}): Promise<OpenedGraph> {
  const { company, parts } = checkDeclaration(await loadDeclaration(path), registry);
  const { clusters, company: name } = company.spec;
  if (cluster !== undefined && !Object.hasOwn(clusters, cluster))
    throw failure("LF1006", {
      what: `there is no cluster named ${cluster}`,
      fix: hint(cluster, Object.keys(clusters)),
    });
  const graph = topologyOf(company, parts, cluster);
  const title = cluster === undefined ? name : `${name} on ${cluster}`;
  return { title, ...(where ? selected(graph, where) : { graph, cut: 0 }) };
}

function selected(graph: Graph, where: Record<string, string>): { graph: Graph; cut: number } {
  const wanted = Object.entries(where);
  const has = ({ name, namespace, labels }: GraphNode) => {
    const own: Record<string, string | undefined> = { name, namespace, ...labels };
    return wanted.every(([key, value]) => own[key] === value);
  };
  const result = selectApps(graph, has);
  if (result.graph.nodes.some(({ kind }) => kind === "app")) return result;
  const keys = new Set(graph.nodes.flatMap(({ labels }) => Object.keys(labels ?? {})));
  throw failure("LF9001", {
    what: `no app has ${wanted.map((pair) => pair.join("=")).join(" and ")}`,
    fix: `the labels of apps are ${["name", "namespace", ...[...keys].sort()].slice(0, 12).join(", ")}`,
  });
}

/** The node that a name means: an app's, else that of a part, host name or secret; or an id such as `part/flux`. */
export function findNode(graph: Graph, name: string): number {
  const candidates = [name, ...["app", "part", "host", "secret", "volume"].map((kind) => `${kind}/${name}`)];
  const found = candidates.map((id) => graph.indexOf.get(id)).find((n) => n !== undefined);
  if (found !== undefined) return found;
  throw failure("LF1005", {
    what: `nothing in the graph is named ${name}`,
    fix: hint(
      name,
      graph.nodes.map((node) => node.name),
    ),
  });
}

function hint(name: string, known: string[]): string {
  const near = didYouMean(name, known);
  return near
    ? `did you mean ${near}?`
    : `there are ${known.slice(0, 12).join(", ")}${known.length > 12 ? ", …" : ""}`;
}
