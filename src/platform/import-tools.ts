/** Inputs that another program turns into manifests: kustomize, Helm, Git. Each is the real one. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { findBinary } from "../embedded/binaries/find.ts";
import { run } from "../embedded/machine/run.ts";
import { type ReadObjects, readObjects } from "../import/read-objects.ts";
import { readYaml } from "../import/read-yaml.ts";
import { branch } from "../import/source.ts";
import { failure } from "../util/errors.ts";
import { kustomizations } from "./import-read.ts";

const timeoutMs = 120_000;

/** What the real kustomize makes of an overlay. Errors: LF1023 with its words, also for bases on the network. */
export async function readKustomization(folder: string): Promise<ReadObjects> {
  refuseRemote(folder, new Set());
  const { path } = await findBinary("kubectl");
  const { code, stdout, stderr } = await run(path, ["kustomize", folder], { timeoutMs });
  if (code !== 0) throw refused(`kustomize cannot build ${folder}`, stderr);
  return readObjects(stdout, `${basename(folder)} (kustomize)`);
}

/** A base on the network may be another one tomorrow, and fetching it is not this command's to do. */
function refuseRemote(folder: string, seen: Set<string>): void {
  if (seen.has(folder)) return;
  seen.add(folder);
  const file = kustomizations.map((name) => join(folder, name)).find(existsSync);
  if (!file) return;
  for (const { value } of readYaml(readFileSync(file, "utf8"), file)) {
    const { resources, bases, components, crds } = branch(value);
    for (const entry of [resources, bases, components, crds].flatMap((list) =>
      Array.isArray(list) ? list.map(String) : [],
    )) {
      const local = resolve(folder, entry);
      if (existsSync(local)) refuseRemote(local, seen);
      else if (/:\/\/|^[\w.-]+@|^[\w.-]+\.[a-z]{2,}\//.test(entry)) {
        throw failure("LF1023", {
          what: `${file} takes ${entry} from the network`,
          why: "an import reads what is on this machine",
          fix: "download it beside the overlay and name the file",
        });
      }
    }
  }
}

export interface HelmOptions {
  release: string;
  namespace: string;
  values: string[];
}

/** What the real helm makes of a chart, its CRDs among it. Errors: LF1023 with its words. */
export async function readChart(
  chart: string,
  { release, namespace, values }: HelmOptions,
): Promise<ReadObjects> {
  const { path } = await findBinary("helm");
  const home = mkdtempSync(join(tmpdir(), "landfall-helm-"));
  try {
    const files = values.flatMap((file) => ["--values", resolve(file)]);
    const args = ["template", release, chart, "--namespace", namespace, "--include-crds", ...files];
    // The user's own Helm set-up must not count: the same chart gives the same import everywhere.
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      HELM_CACHE_HOME: home,
      HELM_CONFIG_HOME: home,
      HELM_DATA_HOME: home,
    };
    const { code, stdout, stderr } = await run(path, args, { timeoutMs, env });
    if (code !== 0) throw refused(`helm cannot render ${chart}`, stderr);
    return readObjects(stdout, `${basename(chart)} (helm)`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function refused(what: string, stderr: string) {
  return failure("LF1023", {
    what,
    why: stderr.trim().split("\n").slice(-3).join(" "),
    fix: "make it work there first",
  });
}

/** A repository on this machine, by `file://` URL or as a bare folder; `#folder` names one inside it. */
export function repositoryOf(source: string): { repository: string; folder: string } | undefined {
  const [path = "", folder = ""] = source.split("#");
  if (path.startsWith("file://")) return { repository: path.slice("file://".length), folder };
  const bare = existsSync(join(path, "HEAD")) && existsSync(join(path, "objects"));
  return bare ? { repository: resolve(path), folder } : undefined;
}

/** The head of a repository in a folder of its own, while `use` runs. Its links stay plain files. */
export async function withClone<T>(
  { repository, folder }: { repository: string; folder: string },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const parent = mkdtempSync(join(tmpdir(), "landfall-clone-"));
  const path = join(parent, basename(repository).replace(/\.git$/, "") || "repository");
  try {
    const settings = ["core.symlinks=false", "core.hooksPath=/dev/null", "safe.directory=*"].flatMap((s) => [
      "-c",
      s,
    ]);
    const args = [...settings, "clone", "--quiet", "--depth=1", "--no-tags", `file://${repository}`, path];
    const { code, stderr } = await run("git", args, { timeoutMs });
    if (code !== 0) throw refused(`git cannot clone ${repository}`, stderr);
    const inside = resolve(path, folder);
    if (inside !== path && !inside.startsWith(`${path}/`))
      throw failure("LF1023", {
        what: `${folder} leads out of the repository`,
        fix: "name a folder inside it",
      });
    if (readdirSync(path).length === 0) throw refused(`${repository} is empty`, "");
    return await use(inside);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
