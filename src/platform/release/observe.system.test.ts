/** What the observer makes of a real API server's objects and of the real Flagger's words about them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import { useApiServer } from "../../cluster/testing/use-api-server.ts";
import type { Workload } from "../../release/move.ts";
import type { WorkloadSeen } from "../../release/observed.ts";
import { bundlesSeen } from "./observe-cluster.ts";
import { templateSince } from "./observe-template.ts";
import { installFlagger, runFlagger } from "./testing/flagger.ts";
import { type DeploymentPlayer, playDeployments } from "./testing/play-deployments.ts";

const flagger = findProgram("flagger");
const deployments = { apiVersion: "apps/v1", kind: "Deployment" };
const canaries = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };
const flux = { fieldManager: "kustomize-controller" };

/** As landfall renders it: the template is named by its content, and replicas are Flagger's. */
function deployment(name: string, template: string) {
  const labels = { "app.kubernetes.io/name": name };
  const annotations = { "landfall.dev/template": template };
  const containers = [{ name: "main", image: `registry.test/${name}:${template}` }];
  return {
    ...deployments,
    metadata: { name, namespace: "shop" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers } },
    },
  };
}

function canary(name: string, { metrics, skipAnalysis }: { metrics: boolean; skipAnalysis: boolean }) {
  const metric = { name: "error-share", interval: "10s", thresholdRange: { max: 1 }, query: "vector(1)" };
  return {
    ...canaries,
    metadata: { name, namespace: "shop" },
    spec: {
      skipAnalysis,
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      service: { port: 80, gatewayRefs: [{ name: "gateway", namespace: "gateway" }], hosts: ["shop.test"] },
      analysis: {
        interval: "10s",
        threshold: 1,
        stepWeight: 50,
        maxWeight: 50,
        ...(metrics && { metrics: [metric] }),
      },
    },
  };
}

describe.skipIf(!hasApiServer() || !flagger)("observing", { timeout: 240_000 }, () => {
  const api = useApiServer();
  let player: DeploymentPlayer;
  let running: { stop(): Promise<void> } | undefined;

  beforeAll(async () => {
    await api.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    await installFlagger(api.client);
    player = playDeployments(api.client);
    // Nothing listens there: a metric that cannot be asked is a failed check.
    if (flagger) running = await runFlagger(flagger, api.server.kubeconfig, "http://127.0.0.1:1");
  }, 60_000);
  afterAll(async () => {
    await running?.stop();
    await player?.stop();
  });

  const look = async (workload: Workload): Promise<WorkloadSeen> => {
    const seen = await bundlesSeen(api.client, "flux-system", new Map([["app", [workload]]]));
    return seen.app?.workloads[0] as WorkloadSeen;
  };
  const web = { kind: "Deployment", namespace: "shop", name: "web", canary: true };
  const phase = async () =>
    ((await api.client.get(canaries, "web", "shop"))?.status ?? {}) as {
      phase?: string;
      lastTransitionTime?: string;
      lastAppliedSpec?: string;
    };
  const seen = (workload: Workload) => expect.poll(() => look(workload), { timeout: 60_000, interval: 200 });

  test("Flagger's word counts for the template it is about, and the primary proves", async () => {
    await api.client.apply(deployment("web", "v1"), flux);
    await api.client.apply(canary("web", { metrics: true, skipAnalysis: false }), flux);
    await seen(web).toMatchObject({ template: "v1", asked: "v1", finished: true, failure: undefined });

    await api.client.apply(deployment("web", "v2"), flux);
    expect(await look(web)).toMatchObject({ template: "v1", asked: "v2", canary: undefined });
    await seen(web).toMatchObject({ finished: false, canary: { phase: "Progressing", weight: 50 } });
    await seen(web).toMatchObject({ template: "v1", asked: "v2", canary: { phase: "Failed", weight: 0 } });
    const failed = await look(web);
    expect(failed.failure).toMatch(/^Flagger gave it up: .*error-share/);
    expect(failed.lines[0]).toMatch(
      /Z Flagger: (Canary failed! Scaling down web\.shop|Rolling back web\.shop)/,
    );
    expect(failed.lines.join("\n")).toMatch(/error-share/);
    expect(failed.lines.length).toBeLessThanOrEqual(12);

    const before = await phase();
    await api.client.apply(canary("web", { metrics: true, skipAnalysis: true }), flux);
    await api.client.apply(deployment("web", "v1"), flux);
    const back = { template: "v1", asked: "v1", failure: undefined, canary: undefined };
    // Flagger may yet take up again what it was at.
    expect(await look(web)).toMatchObject({ ...back, finished: false });
    // Flagger takes the template in and stays at its old word, with a new time: neither may be believed.
    const target = await api.client.get(deployments, "web", "shop");
    const since = target ? templateSince(target) : Number.NaN;
    await expect
      .poll(async () => Date.parse((await phase()).lastTransitionTime ?? ""), { timeout: 60_000 })
      .toBeGreaterThan(since);
    const after = await phase();
    expect(after).toMatchObject({ phase: "Failed" });
    expect(after.lastAppliedSpec).not.toBe(before.lastAppliedSpec);
    expect(await look(web)).toMatchObject(back);
    await seen(web).toMatchObject({ ...back, finished: true });

    await api.client.apply(canary("web", { metrics: false, skipAnalysis: false }), flux);
    await api.client.apply(deployment("web", "v3"), flux);
    expect(await phase()).toMatchObject({ phase: "Failed" });
    expect(await look(web)).toMatchObject({
      template: "v1",
      asked: "v3",
      failure: undefined,
      canary: undefined,
    });
    await seen(web).toMatchObject({
      template: "v3",
      finished: false,
      canary: { phase: expect.stringMatching(/Promoting|Finalising/) },
    });
    await seen(web).toMatchObject({
      template: "v3",
      finished: true,
      failure: undefined,
      canary: { phase: "Succeeded" },
    });
  });

  test("a primary that does not come up is not finished, and says why", async () => {
    player.broken.add("v4");
    await api.client.apply(canary("web", { metrics: false, skipAnalysis: true }), flux);
    await api.client.apply(deployment("web", "v4"), flux);
    await seen(web).toMatchObject({
      asked: "v4",
      finished: false,
      failure: expect.stringMatching(/crashes again and again/),
    });
    // Without a pod to tell, it is the Deployment that says so.
    await api.client.remove({ apiVersion: "v1", kind: "Pod" }, "web-played", "shop");
    const at = { name: "web", namespace: "shop" };
    const condition = {
      type: "Progressing",
      status: "False",
      reason: "ProgressDeadlineExceeded",
      lastUpdateTime: new Date(Date.now() + 2000).toISOString(),
      lastTransitionTime: new Date().toISOString(),
    };
    await api.client.patch(
      deployments,
      at,
      { status: { conditions: [condition] } },
      { subresource: "status" },
    );
    await expect.poll(async () => (await look(web)).failure, { timeout: 60_000 }).toMatch(/progress/);
  });
});
