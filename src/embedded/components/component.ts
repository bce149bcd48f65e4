import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import { sha256 } from "../../util/hash.ts";
import type { Layout } from "../state/layout.ts";
import type { ProcessSpec } from "../supervisor/process-spec.ts";
import type { ClusterState } from "../types.ts";

/** What a component is made from. */
export interface ComponentContext {
  state: ClusterState;
  layout: Layout;
}

/** A file a component reads. */
export interface ConfigFile {
  path: string;
  content: string;
}

/** One process with the files it reads. */
export interface Component {
  process: ProcessSpec;
  files: ConfigFile[];
}

/** Address ranges and names inside every cluster; equal everywhere, since each has a network of its own. */
export const cidrs = {
  pods: "10.244.0.0/16",
  services: "10.96.0.0/12",
  dns: "10.96.0.10",
  domain: "cluster.local",
};

/** Objects as a file that Kubernetes' programs read (JSON is YAML). */
export function configJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Flags from a record: `{ a: "b" }` → `--a=b`. */
export function flags(values: Record<string, string | number | boolean>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

/** The path of one of the cluster's programs; the caller has resolved all of them before. */
export function program(cx: ComponentContext, name: string): string {
  const path = cx.state.binaries[name];
  if (!path) throw new Error(`the program ${name} was not resolved`);
  return path;
}

/** The port a component listens on at the node's address. */
export function nodePort(cx: ComponentContext, name: string): number {
  const port = cx.state.nodePorts[name];
  if (port === undefined) throw new Error(`no port was chosen for ${name}`);
  return port;
}

function unchanged(file: ConfigFile): boolean {
  try {
    return readFileSync(file.path, "utf8") === file.content;
  } catch {
    return false;
  }
}

/** Write the component's files (only what changed) and answer its process, which restarts when they change. */
export function writeComponent(component: Component): ProcessSpec {
  for (const file of component.files.filter((f) => !unchanged(f))) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileAtomic(file.path, file.content, 0o600);
  }
  return { ...component.process, configHash: sha256(JSON.stringify(component.files)) };
}
