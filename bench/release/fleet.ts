import { objectsFile } from "../../src/embedded/delivery/artifact-list.ts";
import { listText } from "../../src/emit/flux/pointers.ts";
import { importCommit } from "../../src/emit/git/import-commit.ts";
import { git } from "../../src/emit/git/run.ts";
import { contentAt, filesBelow } from "../../src/platform/release/contents.ts";
import { releaseFolder, releasePath } from "../../src/platform/release/moves.ts";
import { type Content, type Release, releaseText } from "../../src/release/index.ts";
import { parseRelease } from "../../src/release/text.ts";
import { appName, bundleName, clusterName, clustersOf, type Settings } from "./settings.ts";

const who = { name: "Bench", email: "bench@example.com" };

/** An app as landfall renders it, about so long; the version is what a release changes. */
function appText(app: string, version: string): string {
  const labels = { "app.kubernetes.io/name": app, "landfall.dev/app": app };
  const annotations = { "landfall.dev/template": `${app}-${version}` };
  const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
  const env = Array.from({ length: 20 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `${app}-${version}-${i}`,
  }));
  const containers = [{ name: app, image: `registry.example.com/${app}:${version}`, env, resources }];
  const metadata = { name: app, namespace: "bench", labels };
  const objects = [
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: { containers } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "http", port: 80 }] },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
  ];
  return objects.map((object) => `${JSON.stringify(object, null, 2)}\n`).join("---\n");
}

async function contentOf(path: string, text: string): Promise<Content> {
  return contentAt(path, new Map([[objectsFile, text]]));
}

/** `queued` waits for an engine; `moving` has every cluster on its way, as an engine finds it that was started anew. */
export type State = "queued" | "moving";

async function releaseOf(
  i: number,
  settings: Settings,
  state: State,
): Promise<[Release, [string, string][]]> {
  const app = appName(i);
  const id = `${app}-v2`;
  const settled = `apps/${app}.yaml`;
  const [before, after] = [appText(app, "v1"), appText(app, "v2")];
  const [fromPath, toPath] = ["from", "to"].map((kind) => `${releaseFolder(id)}/${kind}/${settled}`) as [
    string,
    string,
  ];
  const [from, to] = [await contentOf(fromPath, before), await contentOf(toPath, after)];
  const clusters = clustersOf(i, settings);
  const third = Math.ceil(clusters.length / 3);
  const at = new Date().toISOString();
  const standing = state === "queued" ? "waiting" : "updating";
  const release: Release = {
    ...{ form: 1, id, title: `${app} v2`, startedBy: who.email, startedAt: at, base: "0".repeat(40) },
    ...{ origins: [{ app, file: "landfall.config.yaml" }], priority: 0 },
    moves: [
      { bundle: bundleName(app), clusters, from, to, back: from, settled: { from: settled, to: settled } },
    ],
    waves: ["one", "two", "three"].map((name, n) => ({
      ...{ name, clusters: clusters.slice(n * third, (n + 1) * third), gates: [] },
      ...{ concurrency: Math.ceil(third / 2), maxUnavailable: 0, timeoutMs: 900_000 },
    })),
    policy: { onFailure: "all", approvers: [], awayAfterMs: 300_000, freezes: [] },
    ...(state === "queued" ? { phase: "queued", wave: 0 } : { phase: "running", wave: 2 }),
    ...{ step: 0, approvals: [], evidence: [], settled: false, log: [] },
    clusters: Object.fromEntries(clusters.map((name) => [name, { state: standing, since: at }])),
  };
  const path = releasePath(id);
  const text = releaseText(release);
  parseRelease(text, path);
  const files = [[from.path, before] as const, [to.path, after] as const].flatMap(([place, content]) =>
    filesBelow(place, new Map([[objectsFile, content]])),
  );
  return [release, [[path, text], [settled, before], ...files]];
}

/** A bare repository with the fleet and its releases. */
export async function makeFleet(repo: string, settings: Settings, state: State): Promise<void> {
  const all = Array.from({ length: settings.releases }, (_, i) => releaseOf(i, settings, state));
  const made = await Promise.all(all);
  const lists = new Map(
    Array.from({ length: settings.clusters }, (_, i) => [
      clusterName(i),
      [] as { name: string; path: string }[],
    ]),
  );
  for (const [{ moves, clusters }] of made) {
    const [move] = moves;
    if (!move) continue;
    const path = state === "queued" ? move.settled.from : move.to.path;
    for (const cluster of Object.keys(clusters)) lists.get(cluster)?.push({ name: move.bundle, path });
  }
  const artifacts = [...lists].map(
    ([cluster, own]) => [`clusters/${cluster}/artifacts.json`, listText(own)] as const,
  );
  await git(".", ["init", "--quiet", "--bare", "--initial-branch=main", "--template=", repo]);
  const write = [...made.flatMap(([, files]) => files), ...artifacts];
  const commit = await importCommit(repo, {
    ...{ parent: undefined, write, remove: [], message: "the fleet", author: who },
  });
  await git(repo, ["update-ref", "refs/heads/main", commit]);
}
