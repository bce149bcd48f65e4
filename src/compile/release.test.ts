import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { compiled, typescript, yaml } from "./testing/declare.ts";

const parts =
  "parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {}, local-path: {} }";
const root = `${parts}
environments: { prod: {}, dev: {} }
clusters: { eu: { type: kubernetes, context: eu, environment: prod }, lab: { type: kubernetes, context: lab, environment: dev } }`;
const canary = "release: { canary: { steps: [20, 40] } }";
const web = (more: string, image = "nginx:1.27") =>
  `  web: { image: "${image}", ports: { http: 8080, metrics: 9464 }, expose: [{ host: a.localhost }], ${more} }\n`;
const caller = '  front: { image: "front:1", calls: [web] }\n';

async function objectsOf(apps: string, cluster = "eu"): Promise<KubernetesObject[]> {
  const plan = await compiled({ "landfall.config.yaml": yaml(apps, root) });
  const bundles = plan.clusters.find(({ name }) => name === cluster)?.bundles ?? [];
  return bundles.filter(({ kind }) => kind === "app").flatMap(({ objects }) => objects);
}
const names = (objects: KubernetesObject[]) =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
const specOf = (objects: KubernetesObject[], kind: string, name = "web") =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)?.spec as never;

interface Workload {
  replicas?: number;
  selector: { matchLabels: object };
  template: { metadata: { labels: object; annotations: Record<string, string> } };
}
const digestIn = (objects: KubernetesObject[], kind = "Deployment") =>
  (specOf(objects, kind) as Workload).template.metadata.annotations["landfall.dev/template"];

describe("an app with a canary", () => {
  test("leaves its Service, its route and its number of pods to the one who brings it out", async () => {
    const made = await objectsOf(web(`${canary}, scale: { min: 2, max: 2 }`));
    expect(names(made)).toEqual([
      "ServiceAccount/web",
      "Deployment/web",
      "PodDisruptionBudget/web",
      "NetworkPolicy/web",
      "HorizontalPodAutoscaler/web",
      "HorizontalPodAutoscaler/web-primary",
      "MetricTemplate/web.error-rate",
      "MetricTemplate/web.gateway-error-rate",
      "MetricTemplate/web.latency-p99",
      "Canary/web",
    ]);
    expect(specOf(made, "Deployment")).not.toHaveProperty("replicas");
    expect(specOf(made, "Canary")).toMatchObject({ autoscalerRef: { name: "web" }, skipAnalysis: false });
  });

  test("has one pod without an autoscaler", async () => {
    const made = await objectsOf(web(canary));
    expect(names(made).filter((name) => name.startsWith("Horizontal"))).toEqual([]);
    expect(specOf(made, "Canary")).not.toHaveProperty("autoscalerRef");
    expect(specOf(made, "Deployment")).not.toHaveProperty("replicas");
  });

  test("is selected by the label that no copy changes, and has one selector label for its workload", async () => {
    const made = await objectsOf(web(`${canary}, scale: { min: 2, max: 4 }`) + caller);
    const workload = specOf(made, "Deployment") as Workload;
    expect(workload.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "web" });
    const constant = { matchLabels: { "landfall.dev/app": "web" } };
    expect(specOf(made, "PodDisruptionBudget")).toMatchObject({ selector: constant });
    expect(specOf(made, "NetworkPolicy")).toMatchObject({ podSelector: constant });
    expect(JSON.stringify(specOf(made, "NetworkPolicy", "front"))).toContain('{"landfall.dev/app":"web"}');
    const selectors = JSON.stringify(
      made.filter(({ kind }) => !["Deployment", "Canary"].includes(kind)).map((o) => o.spec),
    );
    expect(selectors).not.toContain("app.kubernetes.io/name");
  });

  test("is called by the name it had, which leads to what serves", async () => {
    const env = async (release: string) =>
      JSON.stringify(specOf(await objectsOf(web(release) + caller), "Deployment", "front"));
    expect(await env(canary)).toContain("web.shop.svc.cluster.local:8080");
    expect(await env(canary)).toBe(await env("labels: {}"));
  });

  test("differs between environments", async () => {
    const apps = web(
      `${canary}, overrides: [{ where: { environment: prod }, set: { release: { canary: { threshold: 9 } } } }, { where: { environment: dev }, set: { release: { canary: null, rolling: {} } } }]`,
    );
    expect(specOf(await objectsOf(apps), "Canary")).toMatchObject({
      analysis: { threshold: 9, stepWeights: [20, 40] },
    });
    const dev = names(await objectsOf(apps, "lab"));
    expect(dev).toContain("HTTPRoute/web");
    expect(dev).not.toContain("Canary/web");
  });

  test("waits for the definitions of what it is made of", async () => {
    const plan = await compiled({ "landfall.config.yaml": yaml(web(canary), root) });
    const bundle = plan.clusters[0]?.bundles.find(({ name }) => name === "app-web");
    expect(bundle?.after).toEqual(["part-flagger"]);
  });

  test("is the same in TypeScript", async () => {
    const text = typescript(
      `const eu = kubernetesCluster("eu", { context: "eu", environment: environment("prod") });
const lab = kubernetesCluster("lab", { context: "lab", environment: environment("dev") });
const web = app("web", { image: "nginx:1.27", ports: { http: 8080, metrics: 9464 }, expose: [{ host: "a.localhost" }], release: { canary: { steps: [20, 40] } } });`,
      "clusters: [eu, lab], parts: [flux(), gatewayApiCrds(), traefik(), prometheus(), flagger(), localPath()], apps: [web]",
    ).replace("import { flux,", "import { flagger, localPath, flux,");
    const plan = await compiled({ "landfall.config.ts": text });
    const made = plan.clusters[0]?.bundles
      .filter(({ kind }) => kind === "app")
      .flatMap(({ objects }) => objects);
    expect(made).toEqual(await objectsOf(web(canary)));
  });
});

test("blue/green of an internal app needs no gateway", async () => {
  const made = await objectsOf(
    '  web: { image: "nginx:1.27", ports: { grpc: 8080 }, release: { blueGreen: { iterations: 2 } } }\n',
  );
  expect(specOf(made, "Canary")).toMatchObject({
    provider: "kubernetes",
    service: { port: 8080, portName: "grpc", appProtocol: "kubernetes.io/h2c" },
    analysis: { iterations: 2 },
  });
  expect(JSON.stringify(specOf(made, "Canary"))).not.toContain("gatewayRefs");
});

describe("the digest of a template", () => {
  const stateful = '  web: { image: "redis:7", volumes: { data: { path: /data, size: 1Gi } } }\n';

  test("is on every Deployment and StatefulSet of an app", async () => {
    expect(digestIn(await objectsOf(web("labels: {}")))).toMatch(/^[0-9a-f]{16}$/);
    expect(digestIn(await objectsOf(stateful), "StatefulSet")).toMatch(/^[0-9a-f]{16}$/);
  });

  test("changes with all that pods are made of, and with nothing else", async () => {
    const digest = async (more: string, image?: string) => digestIn(await objectsOf(web(more, image)));
    const plain = await digest("labels: {}");
    expect(await digest("labels: {}")).toBe(plain);
    expect(await digest("disruption: { maxUnavailable: 2 }")).toBe(plain);
    const others = await Promise.all([
      digest("labels: {}", "nginx:1.28"),
      digest("env: { A: b }"),
      digest("config: { a: b }"),
      digest("config: { a: c }"),
      digest("resources: { memory: 128Mi }"),
      digest(
        "adjust: { patch: [{ kind: Deployment, set: { spec: { template: { spec: { hostname: a } } } } }] }",
      ),
    ]);
    expect(new Set([plain, ...others]).size).toBe(others.length + 1);
  });

  test("is left out where an adjustment takes it away", async () => {
    const none = '{ spec: { template: { metadata: { annotations: { "landfall.dev/template": null } } } } }';
    const made = await objectsOf(web(`adjust: { patch: [{ kind: Deployment, set: ${none} }] }`));
    expect(digestIn(made)).toBeUndefined();
  });
});
