import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClusterClient, connect } from "../cluster/client.ts";
import { isAlive } from "../embedded/machine/process-id.ts";
import { leftovers } from "../embedded/test-cluster.ts";
import type { ClusterState } from "../embedded/types.ts";
import { cachedPrograms, copyShop, nobody, type ShopCopy, whyNotAsNobody } from "./testing/shop-copy.ts";

const programs = await cachedPrograms(["kube-apiserver", "kwok", "kustomize-controller"]);
const root = process.platform === "linux" && process.getuid?.() === 0;
if (!programs) process.stderr.write("simulated mode is not tested: its programs are not in the cache yet\n");

describe.skipIf(!programs || !root)("simulated mode", () => {
  const noUser = root ? whyNotAsNobody() : "";
  if (noUser) process.stderr.write(`simulated mode is not tested without root: ${noUser}\n`);

  describe.each([
    { who: "root who asks for it", user: 0, flags: ["--mode", "simulated"], skip: false },
    { who: "a user without root", user: nobody, flags: [], skip: noUser !== undefined },
  ])("for $who", ({ user, flags, skip }) => {
    const it = test.skipIf(skip);
    const shared = {} as { shop: ShopCopy; client: ClusterClient; state: ClusterState };
    beforeAll(() => {
      shared.shop = copyShop(user === 0 ? "simroot" : "simuser", user, programs ?? []);
    });
    afterAll(async () => {
      shared.client?.close();
      await shared.shop?.remove();
    }, 90_000);

    it("brings everything up and says that pods are simulated", { timeout: 240_000 }, async () => {
      const { shop } = shared;
      const up = await shop.landfall("up", ".", ...flags, "--unsafe-no-fsync");
      expect(up.stderr).toMatch(/Cluster: .*pods are SIMULATED, nothing runs in them/);
      if (user !== 0) expect(up.stderr).toContain("real pods need root");
      expect(up.stdout).toContain("SIMULATED pods");
      expect(up.stdout).not.toContain("http://");
      expect(up.code).toBe(0);
      shared.state = shop.state();
      shared.client = connect({ kubeconfig: shared.state.kubeconfig });
      const status = await shop.landfall("status", ".", "--json");
      expect(status.code).toBe(0);
      const [cluster] = JSON.parse(status.stdout).clusters;
      expect(cluster.notes).toEqual([
        "pods are SIMULATED: objects are applied for real, nothing runs in them",
      ]);
      expect(cluster.units.every((unit: { ready: boolean }) => unit.ready)).toBe(true);
      const running = cluster.embedded.processes.map(({ name }: { name: string }) => name).sort();
      expect(running).toEqual([
        ...["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"],
        ...["kustomize-controller", "kwok", "supervisor"],
      ]);
    });

    it("binds claims, and registers no API that nobody serves", async () => {
      const { client } = shared;
      const claims = await client.list(core("PersistentVolumeClaim"));
      expect(claims.length).toBeGreaterThanOrEqual(2);
      expect(claims.map(({ status }) => (status as { phase: string }).phase)).toEqual(
        claims.map(() => "Bound"),
      );
      const groups = JSON.parse((await client.raw("/apis")).text).groups as { name: string }[];
      const names = groups.map(({ name }) => name);
      expect(names).toContain("kustomize.toolkit.fluxcd.io");
      expect(names).not.toContain("metrics.k8s.io");
      const part = { apiVersion: "apps/v1", kind: "Deployment" };
      expect(await client.get(part, "metrics-server", "kube-system")).toBeDefined();
    });

    it("removes the volume of a claim that is gone", { timeout: 240_000 }, async () => {
      const { client } = shared;
      const metadata = { name: "passing", namespace: "default" };
      const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "passing" } }];
      const pod = {
        ...core("Pod"),
        metadata,
        spec: { containers: [{ name: "one", image: "any" }], volumes },
      };
      const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
      await client.apply({ ...core("PersistentVolumeClaim"), metadata, spec });
      await client.apply(pod);
      const volumesOfIt = async () => {
        const all = await client.list(core("PersistentVolume"));
        return all.filter((one) => (one.spec as { claimRef: { name: string } }).claimRef.name === "passing");
      };
      const phases = async () =>
        (await volumesOfIt()).map(({ status }) => (status as { phase: string }).phase);
      await expect.poll(phases, { timeout: 60_000 }).toEqual(["Bound"]);
      await client.remove(core("Pod"), "passing", "default");
      await client.remove(core("PersistentVolumeClaim"), "passing", "default");
      await expect.poll(phases, { timeout: 60_000 }).toEqual([]);
    });

    it("applies an edit, also after Flux was killed", { timeout: 240_000 }, async () => {
      const { shop, client } = shared;
      const pid = await pidOf(shop, "kustomize-controller");
      process.kill(pid, "SIGKILL");
      shop.edit("RATE: 10", "RATE: 7");
      const built = await shop.landfall("build", ".", "--commit");
      expect(built.code).toBe(0);
      await expect.poll(() => rateOf(client, shop.company), { timeout: 60_000, interval: 50 }).toBe("7");
      await expect.poll(() => pidOf(shop, "kustomize-controller"), { timeout: 60_000 }).not.toBe(pid);
    });

    // Who started the cluster makes no difference to it.
    const once = user === 0 ? it : () => undefined;
    once("renames apps in steps, and no pod or volume is made anew", { timeout: 240_000 }, async () => {
      const { shop, client } = shared;
      const uids = async () => {
        const pods = await client.list(core("Pod"), { labelSelector: "landfall.dev/app in (cart, redis)" });
        const claims = await client.list(core("PersistentVolumeClaim"), { namespace: shop.company });
        return [...pods, ...claims].map(({ metadata }) => metadata.uid).sort();
      };
      const before = await uids();
      expect(before.length).toBeGreaterThanOrEqual(3);
      shop.edit('app("cart"', 'app("basket"');
      shop.edit('app("redis"', 'app("store"');
      const moved = '[{ from: "cart", to: "basket" }, { from: "redis", to: "store" }]';
      shop.edit("landfall: 2,", `landfall: 2, moved: ${moved},`);
      const plan = await shop.landfall("plan", ".");
      expect(plan.stdout).toMatch(/^plan: 2 to rename$/m);
      const built = await shop.landfall("build", ".", "--commit");
      expect(built, built.stderr).toMatchObject({
        code: 0,
        stdout: expect.not.stringContaining("hand-over"),
      });
      expect(await shop.landfall("plan", ".")).toMatchObject({ stdout: "plan: no changes\n" });
      const kustomizations = async () => {
        const gvk = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
        return (await client.list(gvk)).map(({ metadata }) => metadata.name);
      };
      await expect.poll(kustomizations, { timeout: 60_000 }).not.toContain("app-cart");
      expect(await kustomizations()).toEqual(expect.arrayContaining(["app-basket", "app-store"]));
      expect(await uids()).toEqual(before);
      const healthy = async () => (await shop.landfall("status", ".")).code;
      await expect.poll(healthy, { timeout: 60_000 }).toBe(0);
      expect(await shop.landfall("plan", ".", "--live")).toMatchObject({
        code: 0,
        stdout: "plan: no changes\n",
      });
    });

    it("leaves everything running alone when it comes up again", { timeout: 240_000 }, async () => {
      const { shop } = shared;
      const names = ["etcd", "kube-apiserver", "kwok", "kustomize-controller"];
      const pids = () => Promise.all(names.map((name) => pidOf(shop, name)));
      const before = await pids();
      expect((await shop.landfall("up", ".", ...flags, "--unsafe-no-fsync")).code).toBe(0);
      expect(await pids()).toEqual(before);
    });

    it("refuses to become a cluster with real pods", async () => {
      const up = await shared.shop.landfall("up", ".", "--mode", "pods", "--unsafe-no-fsync");
      // Without root, real pods cannot be had at all.
      expect(up.stderr).toContain(user === 0 ? "LF1016" : "LF4002");
      expect(up.code).toBe(user === 0 ? 2 : 4);
      const again = await shared.shop.landfall("status", ".");
      expect(again.code).toBe(0);
    });

    it("goes on with its data after it was stopped", { timeout: 180_000 }, async () => {
      const { shop, client } = shared;
      expect((await shop.landfall("down", ".", "--keep-data", "--yes")).code).toBe(0);
      expect((await shop.status()).state).toBe("stopped");
      expect((await shop.landfall("up", ".", ...flags, "--unsafe-no-fsync")).code).toBe(0);
      expect(await rateOf(client, shop.company)).toBe("7");
    });

    it("takes everything down", { timeout: 240_000 }, async () => {
      const { shop, state } = shared;
      const down = await shop.landfall("down", ".", "--yes");
      expect(down.code).toBe(0);
      expect(state.root && isAlive(state.root)).toBe(false);
      expect(await leftovers(state)).toEqual([]);
      expect(readdirSync(join(shop.home, "clusters"))).toEqual([]);
      expect(readdirSync(join(shop.home, "fleets"))).toEqual([]);
    });
  });
});

describe.skipIf(!root || whyNotAsNobody() !== undefined)("a machine without the programs", () => {
  const shared = {} as { shop: ShopCopy };
  beforeAll(() => {
    shared.shop = copyShop("simnone", nobody, []);
  });
  afterAll(async () => {
    await shared.shop?.remove();
  });

  // Namespaces of its own take Go and the network away from this process alone.
  const bare = ["unshare", "--mount", "--net", "--propagation", "private", "--", "sh", "-c"];
  const hideGo = 'if [ -d /usr/local/go ]; then mount -t tmpfs none /usr/local/go; fi; exec "$@"';

  test("without Go and the network: one error with its fix, and nothing is left behind", async () => {
    const { shop } = shared;
    const up = await shop.landfallIn(
      [...bare, hideGo, "bare"],
      { PATH: "/usr/bin:/bin" },
      "up",
      ".",
      "--json",
    );
    expect(up.code).toBe(4);
    const result = JSON.parse(up.stdout.trim().split("\n").at(-1) ?? "");
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]).toMatchObject({ code: "LF5006", severity: "error" });
    expect(result.problems[0].why).toContain("`go` was not found");
    expect(result.problems[0].fix).toContain("install Go");
    expect((await shop.status()).state).toBe("absent");
  });

  test("a program that is named but missing", async () => {
    const { shop } = shared;
    const up = await shop.landfall(
      "up",
      ".",
      "--bin",
      "kwok=/nowhere/kwok",
      "--bin",
      "kube-apiserver=/bin/true",
    );
    expect(up.stderr).toContain("LF5002");
    expect(up.stderr).toContain("/nowhere/kwok");
    expect(up.code).toBe(1);
  });
});

const core = (kind: string) => ({ apiVersion: "v1", kind });

async function pidOf(shop: ShopCopy, name: string): Promise<number> {
  const { processes } = await shop.status();
  return processes.find((one) => one.name === name)?.pid ?? 0;
}

/** The load generator's rate, as the live Deployment has it. */
async function rateOf(client: ClusterClient, namespace: string): Promise<string | undefined> {
  const live = await client.get({ apiVersion: "apps/v1", kind: "Deployment" }, "loadgen", namespace);
  const spec = live?.spec as
    | { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } }
    | undefined;
  return spec?.template.spec.containers[0]?.env.find(({ name }) => name === "RATE")?.value;
}
