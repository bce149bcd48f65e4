/**
 * The whole way of the data on a real Kubernetes: up → a page through the gateway with data from two services over
 * gRPC → status → a change by commit → things killed and repaired → down with nothing left behind.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { copyShop, finish, type Result, type ShopCopy, visit } from "./landfall.ts";

const root = process.getuid?.() === 0;
if (!root) process.stderr.write("skipped: real pods need root\n");

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
const pod = { apiVersion: "v1", kind: "Pod" };
const kustomization = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const soon = { timeout: 90_000, interval: 250 };

describe.runIf(root)("the shop on a real cluster", () => {
  let shop: ShopCopy;
  let client: ClusterClient;
  let up: Result;

  beforeAll(async () => {
    shop = await copyShop();
    up = await shop.run("up", "--json", "--unsafe-no-fsync");
    if (up.code === 0) client = connect({ kubeconfig: join(shop.home, "clusters/shop-local/kubeconfig") });
  });

  afterAll(async () => {
    client?.close();
    await shop.run("down", "--yes");
    shop.remove();
  });

  it("comes up with one command and says what runs where", () => {
    expect(up.code, up.stdout.slice(-3000) + up.stderr).toBe(0);
    const events = up.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; task?: string; state?: string });
    const done = events.filter(({ state }) => state === "done").map(({ task }) => task);
    expect(done).toEqual(["declaration", "programs", "cluster", "images", "delivery", "platform", "gateway"]);
    expect(up.json()).toMatchObject({ type: "result", ok: true, company: "shop" });
  });

  it("serves a page with the catalog's products and the cart's content", async () => {
    const { status, body, cookie } = await visit(shop, "/");
    expect(status).toBe(200);
    expect(body).toContain("Harbour compass");
    const productId = /name="productId" value="([^"]+)"/.exec(body)?.[1] ?? "";
    const bought = await visit(shop, "/cart/add", { form: `productId=${productId}`, cookie });
    expect([200, 302, 303]).toContain(bought.status);
    const cart = await visit(shop, "/api/cart", { cookie: cookie ?? bought.cookie });
    expect(JSON.parse(cart.body)).toMatchObject({ items: [{ productId, quantity: 1 }] });
  });

  it("is healthy in every respect, metrics included", async () => {
    const healthy = await vi.waitFor(async () => {
      const result = await shop.run("status", "--json");
      expect(result.code, result.stdout).toBe(0);
      const report = result.json() as unknown as {
        clusters: { scrapes: { up: number; down: string[] }; notes: string[] }[];
      };
      // Four services, and the parts that tell of themselves.
      expect(report.clusters[0]?.scrapes.up).toBeGreaterThan(8);
      return report.clusters[0];
    }, soon);
    expect(healthy?.scrapes.down).toEqual([]);
    expect(healthy?.notes.join()).toContain("network policies are not enforced");
  });

  it("takes a change by commit, and only what changed is reconciled", async () => {
    const before = await revisions();
    shop.edit("RATE: 10", "RATE: 4");
    const built = await shop.run("build", "--commit", "--json");
    expect(built.code, built.stdout + built.stderr).toBe(0);
    await vi.waitFor(async () => expect(rateOf(await client.get(deployment, "loadgen", "shop"))).toBe("4"), {
      ...soon,
      interval: 50,
    });
    await vi.waitFor(
      async () => expect((await revisions())["app-loadgen"]).not.toBe(before["app-loadgen"]),
      soon,
    );
    const after = await revisions();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual(["app-loadgen"]);
  });

  it("leaves the cluster alone when a second up finds it well", async () => {
    const before = await processes();
    const pods = await podNames();
    const again = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(again.code, again.stdout.slice(-2000)).toBe(0);
    expect(await processes()).toEqual(before);
    expect(await podNames()).toEqual(pods);
  });

  it("turns a fault switch into slow answers and back", async () => {
    const [well, slow] = ["noFaults", "{ ...noFaults, latencyMs: 900 }"];
    const catalogWith = (from: string, to: string) => {
      const config = (faults: string) => `shared: ["proto"] },
  ports: { grpc: 50051, metrics: 9464 },
  config: { "faults.json": ${faults} },`;
      shop.edit(config(from), config(to));
    };
    catalogWith(well, slow);
    expect((await shop.run("build", "--commit")).code).toBe(0);
    await vi.waitFor(async () => expect(await timeOf("/")).toBeGreaterThan(850), soon);
    catalogWith(slow, well);
    expect((await shop.run("build", "--commit")).code).toBe(0);
    await vi.waitFor(async () => expect(await timeOf("/")).toBeLessThan(600), soon);
  });

  it.each([
    "kube-apiserver",
    "containerd",
    "etcd",
    "kubelet",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "registry",
    "supervisor",
  ])("repairs %s after kill -9", async (name) => {
    const killed = await pidOf(name);
    process.kill(killed, "SIGKILL");
    await vi.waitFor(async () => {
      expect(await pidOf(name)).not.toBe(killed);
      expect((await visit(shop, "/")).status).toBe(200);
      const pods = await client.list(pod, { namespace: "shop" });
      expect(pods.length).toBeGreaterThan(0);
    }, soon);
  });

  it("repairs the storefront after its pod is killed", async () => {
    const [victim] = await client.list(pod, {
      namespace: "shop",
      labelSelector: "landfall.dev/app=storefront",
    });
    await client.remove(pod, victim?.metadata.name ?? "", "shop");
    await vi.waitFor(async () => {
      const pods = await client.list(pod, {
        namespace: "shop",
        labelSelector: "landfall.dev/app=storefront",
      });
      expect(pods.map(({ metadata }) => metadata.name)).not.toContain(victim?.metadata.name);
      expect((await visit(shop, "/")).status).toBe(200);
    }, soon);
  });

  it("puts back what somebody deleted by hand", async () => {
    const before = await client.get(deployment, "catalog", "shop");
    await client.remove(deployment, "catalog", "shop");
    const annotate = { metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": String(Date.now()) } } };
    await client.patch(kustomization, { name: "app-catalog", namespace: "flux-system" }, annotate);
    await vi.waitFor(async () => {
      const now = await client.get(deployment, "catalog", "shop");
      expect(now?.metadata.uid).not.toBe(before?.metadata.uid);
      expect(now?.status).toMatchObject({ readyReplicas: 1 });
      expect((await visit(shop, "/")).body).toContain("Harbour compass");
    }, soon);
  });

  it("keeps the data when asked, and leaves nothing when not", async () => {
    const { body, cookie } = await visit(shop, "/");
    const productId = /name="productId" value="([^"]+)"/.exec(body)?.[1] ?? "";
    await visit(shop, "/cart/add", { form: `productId=${productId}`, cookie });
    const made = traces();
    expect(present(made)).not.toEqual([]);
    expect((await shop.run("down", "--keep-data")).code).toBe(0);
    expect(present(made)).toEqual([]);
    // Interrupted at the start of every task in turn, each run goes on from what the last one left.
    for (const task of ["programs", "cluster", "images", "delivery", "platform"]) await interruptAt(task);
    const again = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(again.code, again.stdout.slice(-3000)).toBe(0);
    await vi.waitFor(async () => {
      const cart = JSON.parse((await visit(shop, "/api/cart", { cookie })).body) as { items: unknown[] };
      expect(cart.items).toHaveLength(1);
    }, soon);
    const remade = traces();
    expect((await shop.run("down", "--yes")).code).toBe(0);
    expect(present({ ...remade, rules: made.rules })).toEqual([]);
    expect(readdirSync(join(shop.home, "clusters"))).toEqual([]);
    expect(readdirSync(join(shop.home, "fleets"))).toEqual([]);
  });

  it("says so when the disk is too small, and leaves nothing", async () => {
    const small = join(shop.home, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "landfall-e2e", small]);
    try {
      const result = await shop.runIn(small, "up", "--json");
      expect(result.code).toBe(1);
      expect(result.json()).toMatchObject({ ok: false, problems: [{ code: "LF4004" }] });
      expect((await shop.runIn(small, "down", "--yes")).code).toBe(0);
    } finally {
      execFileSync("umount", [small]);
    }
  });

  /** Start `up` and send Ctrl-C as soon as a task starts. */
  async function interruptAt(task: string): Promise<void> {
    const child = shop.start("up", "--json", "--unsafe-no-fsync");
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes(`"task":"${task}"`)) child.kill("SIGINT");
    });
    const { code, stdout } = await finish(child);
    expect(code, `${task}: ${stdout.slice(-500)}`).toBe(130);
  }

  /** What is applied of each bundle, by Kustomization. */
  async function revisions(): Promise<Record<string, string>> {
    const all = await client.list(kustomization, { namespace: "flux-system" });
    const revision = (status: unknown) =>
      (status as { lastAppliedRevision?: string } | undefined)?.lastAppliedRevision ?? "";
    return Object.fromEntries(
      all
        .filter(({ metadata }) => metadata.name !== "cluster")
        .map(({ metadata, status }) => [metadata.name, revision(status)]),
    );
  }

  async function timeOf(path: string): Promise<number> {
    const start = performance.now();
    await visit(shop, path);
    return performance.now() - start;
  }

  async function pidOf(name: string): Promise<number> {
    const pid = (await processes())[name];
    expect(pid, `${name} runs`).toBeTypeOf("number");
    return pid as number;
  }

  function rateOf(object: unknown): string | undefined {
    const { spec } = object as {
      spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
    };
    return spec.template.spec.containers[0]?.env.find(({ name }) => name === "RATE")?.value;
  }

  async function processes(): Promise<Record<string, number | undefined>> {
    const { clusters } = (await shop.run("status", "--json")).json() as unknown as {
      clusters: { embedded: { processes: { name: string; pid?: number }[] } }[];
    };
    const list = clusters[0]?.embedded.processes ?? [];
    return Object.fromEntries(
      list.filter(({ name }) => !name.startsWith("containerd-shim")).map(({ name, pid }) => [name, pid]),
    );
  }

  async function podNames(): Promise<string[]> {
    const pods = await client.list(pod);
    return pods
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** What the running cluster has on this machine, noted while it is there. */
  interface Traces {
    netns: string;
    link: string;
    cgroup: string;
    /** The host's packet filter, which must never change. */
    rules: string;
  }

  function traces(): Traces {
    const state = JSON.parse(readFileSync(join(shop.home, "clusters/shop-local/cluster.json"), "utf8")) as {
      network: { netns: string; hostInterface: string };
      cgroup: string;
    };
    return {
      netns: state.network.netns,
      link: state.network.hostInterface,
      cgroup: state.cgroup,
      rules: packetFilter(),
    };
  }

  function packetFilter(): string {
    // Counters change by themselves.
    return execFileSync("iptables-save", { encoding: "utf8" }).replace(/^#.*$|\[\d+:\d+\]/gm, "");
  }

  /** Which of the traces, of the cluster's processes and of its mounts the machine still has. */
  function present({ netns, link, cgroup, rules }: Traces): string[] {
    const words = (text: string) => text.split(/[\s@:]+/);
    const found: [string, boolean][] = [
      [`netns ${netns}`, words(execFileSync("ip", ["netns"], { encoding: "utf8" })).includes(netns)],
      [`link ${link}`, words(execFileSync("ip", ["-o", "link"], { encoding: "utf8" })).includes(link)],
      [
        `cgroup ${cgroup}`,
        ["", "memory", "cpu", "pids"].some((controller) =>
          existsSync(join("/sys/fs/cgroup", controller, cgroup)),
        ),
      ],
      ["changed packet filter", packetFilter() !== rules],
    ];
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(shop.home));
    return [...found.filter(([, there]) => there).map(([what]) => what), ...clusterProcesses(), ...mounts];
  }

  /** Processes carry the cluster's folder in their environment. */
  function clusterProcesses(): string[] {
    const mark = `LANDFALL_CLUSTER=${shop.home}`;
    return readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
      } catch {
        return false;
      }
    });
  }
});
