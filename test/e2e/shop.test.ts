/**
 * The whole way of the data on a real Kubernetes: up → a page through the gateway with data from two services over
 * gRPC → status → a change by commit → things killed and repaired → down with nothing left behind.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
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
    shop.edit("RATE: 2", "RATE: 3");
    const built = await shop.run("build", "--commit", "--json");
    expect(built.code, built.stdout + built.stderr).toBe(0);
    await vi.waitFor(async () => expect(rateOf(await client.get(deployment, "loadgen", "shop"))).toBe("3"), {
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
    const again = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(again.code, again.stdout.slice(-2000)).toBe(0);
  });

  it("turns a fault switch into slow answers and back", async () => {
    shop.edit("const noFaults = { latencyMs: 0,", "const noFaults = { latencyMs: 900,");
    expect((await shop.run("build", "--commit")).code).toBe(0);
    await vi.waitFor(async () => expect(await timeOf("/")).toBeGreaterThan(850), soon);
    shop.edit("const noFaults = { latencyMs: 900,", "const noFaults = { latencyMs: 0,");
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

  it("goes on after an interrupted up", async () => {
    const child = shop.start("up", "--unsafe-no-fsync");
    const ended = finish(child);
    setTimeout(() => child.kill("SIGINT"), 700);
    const { code } = await ended;
    expect([0, 130]).toContain(code);
    expect((await shop.run("up", "--json", "--unsafe-no-fsync")).code).toBe(0);
  });

  it("keeps the data when asked, and leaves nothing when not", async () => {
    const { cookie } = await visit(shop, "/");
    const productId = /name="productId" value="([^"]+)"/.exec((await visit(shop, "/")).body)?.[1] ?? "";
    await visit(shop, "/cart/add", { form: `productId=${productId}`, cookie });
    expect((await shop.run("down", "--keep-data")).code).toBe(0);
    expect(remains()).toEqual([]);
    const again = await shop.run("up", "--json", "--unsafe-no-fsync");
    expect(again.code, again.stdout.slice(-3000)).toBe(0);
    await vi.waitFor(async () => {
      const cart = JSON.parse((await visit(shop, "/api/cart", { cookie })).body) as { items: unknown[] };
      expect(cart.items).toHaveLength(1);
    }, soon);
    expect((await shop.run("down", "--yes")).code).toBe(0);
    expect(remains()).toEqual([]);
    expect(existsSync(join(shop.home, "clusters/shop-local"))).toBe(false);
  });

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
    const { clusters } = (await shop.run("status", "--json")).json() as unknown as {
      clusters: { embedded: { processes: { name: string; pid?: number }[] } }[];
    };
    const pid = clusters[0]?.embedded.processes.find((process) => process.name === name)?.pid;
    expect(pid, `${name} runs`).toBeTypeOf("number");
    return pid as number;
  }

  function rateOf(object: unknown): string | undefined {
    const { spec } = object as {
      spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
    };
    return spec.template.spec.containers[0]?.env.find(({ name }) => name === "RATE")?.value;
  }

  /** Whatever of this cluster the machine still holds: namespaces, links, mounts, cgroups, processes. */
  function remains(): string[] {
    const mark = shop.home;
    const network =
      execFileSync("ip", ["-o", "link"], { encoding: "utf8" }) +
      execFileSync("ip", ["netns"], { encoding: "utf8" });
    const state = join(shop.home, "clusters/shop-local/cluster.json");
    const known = existsSync(state)
      ? (JSON.parse(readFileSync(state, "utf8")) as {
          network?: { netns: string; hostInterface: string };
          cgroup?: string;
        })
      : {};
    const names = [known.network?.netns, known.network?.hostInterface].filter((name) => name !== undefined);
    const processes = readdirSync("/proc").filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) &&
          readFileSync(`/proc/${pid}/environ`, "utf8").includes(`LANDFALL_CLUSTER=${mark}`)
        );
      } catch {
        return false;
      }
    });
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(mark));
    return [
      ...names.filter((name) => network.includes(name)),
      ...processes.map((pid) => `process ${pid}`),
      ...mounts,
    ];
  }
});
