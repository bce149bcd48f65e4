import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { compile } from "../../../compile/index.ts";
import type { Plan } from "../../../compile/plan.ts";
import { fetchFleet, openFleet } from "../../../emit/git/fleet.ts";
import { git } from "../../../emit/git/run.ts";
import { registry } from "../../../parts/index.ts";
import { type ClusterSeen, type Content, decide, isOver, type Release } from "../../../release/index.ts";
import { inFolder } from "../../../util/testing/in-folder.ts";
import { commitFleet } from "../../build.ts";
import { commitAction, openReleaseFleet, type ReleaseFleet, readFleet } from "../store.ts";

// Each test starts a hundred git processes, which takes seconds, or a minute where everything else runs too.
vi.setConfig({ testTimeout: 180_000 });

export const who = { name: "Ada", email: "ada@example.com" };

/** Three clusters in two waves; an app with versions, one on fewer clusters, one that differs between clusters. */
export const company = `landfall: 2
company: acme
environments: { staging: {}, prod: {} }
clusters:
  s1: { type: kubernetes, context: s1, environment: staging }
  p1: { type: kubernetes, context: p1, environment: prod, labels: { region: eu } }
  p2: { type: kubernetes, context: p2, environment: prod, labels: { region: us } }
parts: { flux: {} }
waves:
  - { name: first, clusters: [s1] }
  - { name: rest, rest: true }
apps:
  web:
    image: ghcr.io/acme/web:1.0.0
    ports: { http: 8080 }
    env: { LOG_LEVEL: info }
    versions:
      next: { env: { LOG_LEVEL: debug } }
      bad: { env: { FAULT: "1" } }
  cart:
    image: ghcr.io/acme/cart:1.1.0
    ports: { http: 8080 }
  pay:
    image: ghcr.io/acme/pay:1.2.0
    ports: { http: 8080 }
    overrides:
      - { where: { environment: prod }, set: { env: { LEVEL: warn } } }
`;

export interface Estate {
  /** The declaration's folder. */
  dir: string;
  plan(): Promise<Plan>;
  fleet: ReleaseFleet;
  /** Commit what is declared, as `landfall build --commit` does. */
  build(): Promise<string>;
  /** Path → blob of the fleet's head, without releases. */
  tree(): Promise<Map<string, string>>;
  /** Everything in the folder of releases. */
  kept(): Promise<string[]>;
}

/** Where the fleet is on a Git host; Git is told that this is a repository of the test. */
const url = "https://git.test/acme/fleet.git";

/** The same company with its fleet on a Git host, from which Flux reads: clusters have ArtifactGenerators. */
export const hosted = company.replace("environments:", `fleet: { url: "${url}" }\nenvironments:`);

/** A declaration with a fleet repo that has it, while `use` runs. */
export function inEstate<T>(use: (estate: Estate) => Promise<T>, yaml = company): Promise<T> {
  return inFolder({ "company/landfall.config.yaml": yaml }, async (folder) => {
    vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
    const origin = join(folder, "origin.git");
    const user = join(folder, "user");
    mkdirSync(user);
    writeFileSync(join(user, ".gitconfig"), `[url "file://${origin}"]\n\tinsteadOf = ${url}\n`);
    vi.stubEnv("HOME", user);
    await openFleet(origin);
    try {
      const dir = join(folder, "company");
      const plan = () => compile(dir, { registry });
      const build = async () => (await commitFleet(await plan(), "build")).commit;
      const first = await plan();
      await commitFleet(first, "build");
      const fleet = await openReleaseFleet(first);
      const paths = async () => {
        await fetchFleet(fleet, fleet.branch);
        const { stdout } = await git(fleet.repo, ["ls-tree", "-r", "--full-tree", fleet.branch]);
        return stdout
          .toString("utf8")
          .trim()
          .split("\n")
          .map((line) => line.split(/\s+/).slice(2) as [string, string]);
      };
      const tree = async () =>
        new Map(
          (await paths())
            .filter(([, path]) => !path.startsWith("releases/"))
            .map(([oid, path]) => [path, oid]),
        );
      const kept = async () =>
        (await paths()).flatMap(([, path]) => (path.startsWith("releases/") ? [path] : []));
      return await use({ dir, plan, fleet, build, tree, kept });
    } finally {
      vi.unstubAllEnvs();
    }
  });
}

/** Clusters on which everything works at once. `fails` are told to break at the new version. */
export function observed(
  releases: readonly Release[],
  pointers: Readonly<Record<string, Readonly<Record<string, string>>>>,
  now: number,
  fails: readonly string[] = [],
): Record<string, ClusterSeen> {
  const contents = releases.flatMap(({ moves }) => moves.flatMap(({ from, to, back }) => [from, to, back]));
  const byRevision = new Map(contents.map((content) => [content.revision, content]));
  const open = releases.filter((release) => !isOver(release));
  const news = new Set(open.flatMap(({ moves }) => moves.map(({ to }) => to.revision)));
  return Object.fromEntries(
    Object.entries(pointers).map(([cluster, bundles]) => [
      cluster,
      {
        ...{ reachable: true, answeredAt: now },
        bundles: Object.fromEntries(
          Object.entries(bundles).map(([bundle, revision]) => {
            const broken = fails.includes(cluster) && news.has(revision);
            return [bundle, bundleSeen(revision, byRevision.get(revision), broken)];
          }),
        ),
      },
    ]),
  );
}

function bundleSeen(revision: string, content: Content | undefined, broken: boolean) {
  return {
    ...{ applied: revision, attempted: revision, ready: !broken },
    failure: broken ? "web does not start" : undefined,
    workloads: (content?.workloads ?? []).map(({ kind, namespace, name, template }) => ({
      ...{ kind, namespace, name, template, asked: template, finished: !broken },
      failure: broken ? "CrashLoopBackOff" : undefined,
      ...{ lines: [], canary: undefined },
    })),
  };
}

/** Let the engine run until it has nothing to do; what it did, in order. */
export async function runEngine(
  fleet: ReleaseFleet,
  {
    fails = [],
    away = [],
    until,
  }: { fails?: readonly string[]; away?: readonly string[]; until?: (done: string[]) => boolean } = {},
): Promise<string[]> {
  const done: string[] = [];
  for (;;) {
    await fetchFleet(fleet, fleet.branch);
    const { head, releases, pointers } = await readFleet(fleet);
    const steps = releases.flatMap(({ log }) => log.map(({ at }) => Date.parse(at)));
    // Whoever is away is so for long enough to count as it.
    const now = Math.max(Date.now(), ...steps) + (away.length > 0 ? 3_600_000 : 1000);
    const silent = { reachable: false, answeredAt: undefined, bundles: {} };
    const clusters = {
      ...observed(releases, pointers, now, fails),
      ...Object.fromEntries(away.map((name) => [name, silent])),
    };
    const seen = { clusters, pointers, gates: [] };
    const actions = decide(releases, seen, now);
    const [action] = actions;
    if (!action || head === undefined || done.length > 200) return done;
    const made = await commitAction(fleet, head, action, who);
    if (made === "moved") continue;
    done.push(`${action.release.id}: ${action.kind}`);
    if (until?.(done)) return done;
  }
}
