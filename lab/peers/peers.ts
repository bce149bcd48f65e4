/** The peers as data: how each is given the work, and the one command that does it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppFacts } from "./app-facts.ts";
import { shardSize, writeKustomize } from "./kustomize/write.ts";
import { goPeer, kclPython, kclVersion, knownProgram, npmModules, peerFolder } from "./tools.ts";

/** One process, with everything it starts, that does the whole work. */
export interface Invocation {
  command: string;
  args: string[];
  cwd?: string;
}

export interface Peer {
  id: string;
  title: string;
  version: string;
  /** How it is used, and what was done so that it is at its best. */
  settings: string;
  /** What it checks of the objects by itself. */
  checks: string;
  /** Write its inputs into the folder; not timed. */
  prepare(folder: string, apps: AppFacts[]): void;
  /** Do the work from that folder into `out`, which is there and empty. */
  run(folder: string, out: string): Invocation;
}

/** Every peer, with its programs built or installed. */
export async function findPeers(): Promise<Peer[]> {
  const [kustomize, helm, jsonnet] = [
    await goPeer("kustomize"),
    await knownProgram("helm"),
    await goPeer("jsonnet"),
  ];
  return [
    ...kustomizePeers(kustomize),
    ...helmPeers(helm),
    ...nodePeers(await npmModules()),
    jsonnetPeer(jsonnet),
    kclPeer(await kclPython()),
  ];
}

/** Both of the machine's cores: `xargs` starts two processes at a time. */
const twoAtATime = (list: string, ...command: string[]): Invocation => ({
  command: "xargs",
  args: ["-a", list, "-P", "2", "-I{}", ...command],
});

function kustomizePeers(program: string): Peer[] {
  const prepare = (folder: string, apps: AppFacts[]) => {
    writeKustomize(folder, apps);
    writeFileSync(join(folder, "shards.txt"), `${readdirSync(join(folder, "shards")).join("\n")}\n`);
  };
  const common = { version: "5.8.1", checks: "nothing", prepare };
  return [
    {
      ...common,
      id: "kustomize",
      title: "kustomize, one build",
      settings:
        "one `kustomize build`; each app's objects were written out in full beforehand, kustomize changes nothing; the usual way",
      run: (folder, out) => ({
        command: program,
        args: ["build", join(folder, "all"), "-o", join(out, "all.yaml")],
      }),
    },
    {
      ...common,
      id: "kustomize-shards",
      title: `kustomize, a build of ${shardSize} apps`,
      settings: `a \`kustomize build\` of each ${shardSize} apps, two at a time; the kindest way, its time does not grow with the square`,
      run: (folder, out) =>
        twoAtATime(
          join(folder, "shards.txt"),
          program,
          "build",
          join(folder, "shards", "{}"),
          "-o",
          join(out, "{}.yaml"),
        ),
    },
  ];
}

function helmPeers(program: string): Peer[] {
  const chart = peerFolder("helm");
  const prepare = (folder: string, apps: AppFacts[]) => {
    mkdirSync(join(folder, "values"), { recursive: true });
    writeFileSync(join(folder, "values.json"), JSON.stringify({ apps }));
    for (const app of apps)
      writeFileSync(join(folder, "values", `${app.name}.json`), JSON.stringify({ app }));
    writeFileSync(join(folder, "apps.txt"), apps.map(({ name }) => `${name}\n`).join(""));
  };
  const common = { version: "3.22.0", checks: "nothing (a server would)", prepare };
  return [
    {
      ...common,
      id: "helm",
      title: "helm, a release an app",
      settings: "`helm template` of one generic chart for each app's values, two at a time; the usual way",
      run: (folder, out) =>
        twoAtATime(
          join(folder, "apps.txt"),
          program,
          "template",
          "{}",
          chart,
          "-f",
          join(folder, "values", "{}.json"),
          "--output-dir",
          join(out, "{}"),
        ),
    },
    {
      ...common,
      id: "helm-one",
      title: "helm, one release of all apps",
      settings: "one `helm template` whose templates loop over a list of values; the kindest way",
      run: (folder, out) => ({
        command: program,
        args: ["template", "all", chart, "-f", join(folder, "values.json"), "--output-dir", out],
      }),
    },
  ];
}

function writeApps(folder: string, apps: AppFacts[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "apps.json"), JSON.stringify(apps));
}

function nodePeers(modules: string): Peer[] {
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")) as { version: string }).version;
  const nodePeer = (
    id: "cdk8s" | "js-yaml",
  ): Pick<Peer, "id" | "version" | "checks" | "prepare" | "run"> => ({
    id,
    version: versionOf(id),
    checks: "nothing",
    prepare: (folder, apps) => {
      writeApps(folder, apps);
      cpSync(peerFolder(id), join(folder, id), { recursive: true });
      cpSync(peerFolder("app-values.ts"), join(folder, "app-values.ts"));
      symlinkSync(modules, join(folder, "node_modules"));
    },
    run: (folder, out) => ({
      command: process.execPath,
      args: [join(folder, id, "main.ts"), join(folder, "apps.json"), out],
    }),
  });
  return [
    {
      ...nodePeer("cdk8s"),
      title: "cdk8s, a chart an app",
      settings: `a typed program with the classes of cdk8s-plus-33 ${versionOf("cdk8s-plus-33")}, a file an app, run by Node ${process.versions.node} without a compile step`,
    },
    {
      ...nodePeer("js-yaml"),
      title: "js-yaml writing alone",
      settings: "objects of literals, `noRefs`, lines not wrapped, a file an app; no compiler at all",
    },
  ];
}

function jsonnetPeer(program: string): Peer {
  return {
    id: "jsonnet",
    title: "jsonnet -m",
    version: "0.22.0 (Go)",
    settings: "a file an app, as JSON, which is quicker than YAML",
    checks: "nothing",
    prepare: writeApps,
    run: (folder, out) => ({
      command: program,
      args: ["-m", out, "-J", folder, "-o", "/dev/null", peerFolder("jsonnet", "main.jsonnet")],
    }),
  };
}

function kclPeer(python: string): Peer {
  return {
    id: "kcl",
    title: "KCL",
    version: `${kclVersion} (kcl-lib)`,
    settings: "one program over a typed list of apps, one file",
    checks: "types and ranges of each app's input; not the objects",
    prepare: writeApps,
    run: (folder, out) => ({
      command: python,
      args: [peerFolder("kcl", "main.py"), peerFolder("kcl", "main.k"), join(folder, "apps.json"), out],
    }),
  };
}
