/** Landfall and its peers as one list: what the benchmark runs. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findPeers, type Invocation, type Peer } from "../../lab/peers/peers.ts";
import { version } from "../../src/cli/version.ts";
import { cachePath } from "../../src/util/home.ts";
import { declareProgram, declareYaml } from "./declare.ts";

/** A tool of the comparison; landfall is one of them. */
export interface Tool extends Peer {
  ours: boolean;
  /** The environment of a run that may use nothing of an earlier one. */
  env(folder: string): NodeJS.ProcessEnv;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The command as people start it. */
export function landfall(...args: string[]): Invocation {
  return { command: process.execPath, args: [join(root, "bin/landfall.js"), ...args] };
}

/**
 * Landfall's caches empty, as on a machine that never built this. Compiled JavaScript is kept: every tool here is
 * installed and has been started before.
 */
export function emptyHome(folder: string): NodeJS.ProcessEnv {
  const home = `${folder}.home`;
  rmSync(home, { recursive: true, force: true });
  return { LANDFALL_HOME: home, NODE_COMPILE_CACHE: cachePath("node") };
}

const checks = "types, references, schemas of every object, policies, isolation, doubled identities";

function ours(id: string, title: string, settings: string, prepare: Peer["prepare"]): Tool {
  return {
    id,
    title,
    version: version(),
    settings,
    checks,
    ours: true,
    prepare,
    env: emptyHome,
    run: (folder, out) => landfall("build", folder, "--out", out, "--json"),
  };
}

export async function findTools(only: string[]): Promise<Tool[]> {
  const all: Tool[] = [
    ours("landfall", "landfall, one program", "a TypeScript declaration with a loop", (folder, apps) =>
      declareProgram(folder, apps.length),
    ),
    ours("landfall-yaml", "landfall, a YAML file an app", "`include: [apps]`", (folder, apps) =>
      declareYaml(folder, apps.length),
    ),
    ...(await findPeers()).map((peer) => ({ ...peer, ours: false, env: () => ({}) })),
  ];
  return all.filter(({ id }) => only.length === 0 || only.includes(id));
}

/** Take away what a run left beside its inputs, such as a cache, so that the next one is as cold. */
export function resetInputs(folder: string, inputs: string[]): void {
  for (const entry of readdirSync(folder)) {
    if (!inputs.includes(entry)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}
