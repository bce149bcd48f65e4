import { z } from "zod";
import { readBlobs, readTree, type TreeEntry } from "../../emit/git/read.ts";
import { failure, messageOf } from "../../util/errors.ts";
import { blobId } from "../../util/hash.ts";

/** The name of the artifact that holds a cluster's root Kustomization; it is published after all others. */
export const rootArtifact = "cluster";

const listSchema = z.strictObject({
  artifacts: z.array(
    z.strictObject({
      /** Also the ExternalArtifact's name. @example "app-cart" */
      name: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
        .max(63),
      /** File or folder in the fleet repo. @example "apps/cart.yaml" */
      path: z.string().min(1),
      /** Files elsewhere that it holds too, by their whole path. @example ["delivery/app-cart.yaml"] */
      with: z.array(z.string().min(1)).optional(),
    }),
  ),
});

/** What the one file of an artifact is called in it. */
export const objectsFile = "objects.yaml";

/** One artifact as a commit has it. */
export interface WantedArtifact {
  name: string;
  path: string;
  /** Git's id of the file or folder, and of what is with it: equal content has an equal id. */
  tree: string;
  /** The files by their path in the artifact. */
  files: Map<string, TreeEntry>;
}

/** Path of the list of a cluster's artifacts in the fleet repo. */
export function artifactListPath(cluster: string): string {
  return `clusters/${cluster}/artifacts.json`;
}

/**
 * What a commit wants published on a cluster. Throws LF3002 when the commit is damaged (no list, a wrong list,
 * a path that is not there): nothing of such a commit may be published.
 */
export async function wantedArtifacts(
  repo: string,
  commit: string,
  cluster: string,
): Promise<WantedArtifact[]> {
  const tree = await readTree(repo, commit, { folders: true });
  const path = artifactListPath(cluster);
  const oid = tree.get(path)?.oid;
  const source = oid && (await readBlobs(repo, [oid])).get(oid);
  if (!source) throw damaged(commit, `it has no ${path}`);
  const list = parseList(commit, path, source.toString("utf8"));
  const files = filesByFolder(tree, new Set(list.map((a) => a.path)));
  return list.map((artifact) => {
    const entry = tree.get(artifact.path);
    const missing = (what: string) => damaged(commit, `artifact ${artifact.name}: no ${what}`);
    if (!entry) throw missing(`file or folder ${artifact.path}`);
    const own = entry.mode === "040000" ? files.get(artifact.path) : new Map([[objectsFile, entry]]);
    const beside = (artifact.with ?? []).map((path): [string, TreeEntry] => {
      const file = tree.get(path);
      if (!file?.mode.startsWith("100")) throw missing(`file ${path}`);
      return [path, file];
    });
    const oids = [entry.oid, ...beside.map(([path, { oid }]) => `${path} ${oid}`)];
    return {
      name: artifact.name,
      path: artifact.path,
      tree: beside.length === 0 ? entry.oid : blobId(oids.join("\n")),
      files: new Map([...(own ?? []), ...beside]),
    };
  });
}

function parseList(commit: string, path: string, source: string) {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw damaged(commit, `${path} is not JSON: ${messageOf(error)}`);
  }
  const parsed = listSchema.safeParse(value);
  if (!parsed.success) throw damaged(commit, `${path}: ${z.prettifyError(parsed.error)}`);
  const names = parsed.data.artifacts.map((a) => a.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw damaged(commit, `${path} lists ${twice} twice`);
  return parsed.data.artifacts.map((a) => ({ ...a, path: a.path.replace(/\/+$/, "") }));
}

/** Each wanted folder's files. Walks a file's parents, so the cost does not grow with the number of folders. */
function filesByFolder(
  tree: Map<string, TreeEntry>,
  folders: Set<string>,
): Map<string, Map<string, TreeEntry>> {
  const found = new Map<string, Map<string, TreeEntry>>();
  for (const [path, entry] of tree) {
    if (!entry.mode.startsWith("100")) continue;
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      const folder = path.slice(0, cut);
      if (!folders.has(folder)) continue;
      const files = found.get(folder) ?? new Map<string, TreeEntry>();
      files.set(path.slice(cut + 1), entry);
      found.set(folder, files);
    }
  }
  return found;
}

function damaged(commit: string, why: string) {
  return failure("LF3002", {
    what: `commit ${commit.slice(0, 10)} of the fleet repo cannot be published`,
    why,
    fix: "write it again with: landfall build --commit (until then the cluster keeps what was published last)",
  });
}
