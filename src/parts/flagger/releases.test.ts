import { describe, expect, it } from "vitest";
import {
  canaryMetrics,
  type KubernetesObject,
  progressiveDelivery,
  type ReleaseTester,
  releaseTester,
} from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided } from "../../kit/testing/render-part.ts";
import { sampleApp, samples } from "../../kit/testing/samples.ts";
import type { AppSpecInput } from "../../model/app.ts";
import { validateObject } from "../../schema/validate.ts";
import { promqlFault } from "../../util/promql.ts";
import { flagger } from "./part.ts";

const http = { name: "http", port: 8080, protocol: "http" as const };
const metrics = { name: "metrics", port: 9464, protocol: "http" as const };
const gateway = samples.get("gateway") as never;
const expose = [{ host: "shop.example.com" }, { host: "www.example.com" }];

const release = (declared: AppSpecInput, name = "web", ports = [http, metrics], without: never[] = []) =>
  provided(flagger, progressiveDelivery, { without }).objectsOf(sampleApp(name, ports, declared), {
    gateway,
  });

const canaryOf = (objects: KubernetesObject[]) =>
  objects.find(({ kind }) => kind === "Canary")?.spec as {
    provider: string;
    autoscalerRef?: { name: string };
    service: Record<string, unknown>;
    analysis: Record<string, unknown> & { metrics?: { name: string; thresholdRange: object }[] };
  };
const queriesOf = (objects: KubernetesObject[]) =>
  objects
    .filter(({ kind }) => kind === "MetricTemplate")
    .map(({ spec }) => (spec as { query: string }).query);

describe("a release", () => {
  const every: [string, AppSpecInput][] = [
    [
      "canary",
      {
        expose: expose.map(({ host }) => ({ host, path: "/shop" })),
        scale: { min: 2, max: 6 },
        slo: { latency: "250ms" },
        release: {
          canary: {
            metrics: {
              saturation: "90%",
              custom: [
                { name: "queue-age", query: 'max(queue_age_seconds{app="{{ target }}"})', max: 30, min: 0 },
              ],
            },
            acceptance: { url: "http://tester.test/", metadata: { type: "bash", cmd: "true" } },
            hooks: [{ name: "gate", type: "confirm-promotion", url: "http://gate.test/" }],
          },
        },
      },
    ],
    [
      "ab-test",
      {
        expose,
        release: {
          abTest: {
            iterations: 5,
            match: [
              { headers: { "X-User": "insider", "x-group": { regex: "beta-.*" } } },
              { cookie: { name: "canary.v", value: "always" } },
            ],
          },
        },
      },
    ],
    ["blue-green", { release: { blueGreen: { iterations: 3, loadTest: { url: "http://tester.test/" } } } }],
    [
      "commands",
      {
        expose,
        release: {
          canary: {
            acceptance: "curl -sf {{ url }}/healthz",
            loadTest: { command: "hey -z 30s -q 10 -host {{ host }} {{gateway}}/", timeout: "5s" },
            hooks: [
              {
                name: "orders",
                type: "rollout",
                command: "test -n '{{ name }}.{{ namespace }}'",
                timeout: "1m",
              },
            ],
          },
        },
      },
    ],
  ];

  it.each(every)("by %s is what it was, and what the API server takes", (name, declared) => {
    const objects = release(declared);
    // Judges see a policy together with the pods it selects, which are not here.
    const judged = objects.filter(({ kind }) => kind !== "NetworkPolicy");
    expectGolden(import.meta.dirname, `release-${name}`, judged);
    expect(objects.flatMap((object) => validateObject(object, { kubernetes: "1.36" }))).toEqual([]);
    for (const query of queriesOf(objects))
      expect(
        promqlFault(query.replaceAll(/\{\{ (\w+) \}\}/g, (_, key) => (key === "interval" ? "1m" : "x"))),
      ).toBe(undefined);
  });

  it("that rolls has nothing for a canary controller", () => {
    expect(release({})).toEqual([]);
    expect(release({ release: { rolling: {} } })).toEqual([]);
  });

  it("steps by a fixed weight where that is declared", () => {
    const { analysis } = canaryOf(
      release({ expose, release: { canary: { maxWeight: 60, stepWeight: 20 } } }),
    );
    expect(analysis).toMatchObject({ maxWeight: 60, stepWeight: 20 });
    expect(analysis).not.toHaveProperty("stepWeights");
  });

  it("leaves the number of pods to the autoscaler for any number but one", () => {
    const scalerOf = (min: number, max: number) =>
      canaryOf(release({ expose, scale: { min, max }, release: { canary: {} } })).autoscalerRef?.name;
    expect([scalerOf(1, 1), scalerOf(2, 2), scalerOf(1, 3)]).toEqual([undefined, "web", "web"]);
  });

  it("of certain requests says that there is no timeout, since an empty one would be refused", () => {
    const service = (declared: AppSpecInput) => canaryOf(release(declared)).service;
    const abTest = { match: [{ headers: { a: "b" } }] };
    expect(service({ expose, release: { abTest } })).toMatchObject({ timeout: "0s" });
    expect(service({ expose, release: { canary: {} } })).not.toHaveProperty("timeout");
  });

  it("is judged by the gateway alone where the app counts nothing, and by itself where the gateway does not", () => {
    const declared: AppSpecInput = { expose, release: { canary: {} } };
    const names = (objects: KubernetesObject[]) =>
      canaryOf(objects).analysis.metrics?.map(({ name }) => name);
    expect(names(release(declared, "web", [http]))).toEqual(["gateway-error-rate", "gateway-latency-p99"]);
    expect(names(release(declared, "web", [http, metrics], [canaryMetrics as never]))).toEqual([
      "error-rate",
      "latency-p99",
    ]);
  });

  it("beside the old version is asked for requests only when something makes some", () => {
    const metricsOf = (blueGreen: object) => canaryOf(release({ release: { blueGreen } })).analysis.metrics;
    expect(metricsOf({})).toBeUndefined();
    expect(metricsOf({ loadTest: { url: "http://a.test/" } })?.map(({ name }) => name)).toEqual([
      "error-rate",
      "latency-p99",
    ]);
  });

  it("opens no way for a tester that nothing asks, and has no command where nothing runs it", () => {
    const kinds = (objects: KubernetesObject[]) => new Set(objects.map(({ kind }) => kind));
    const asked: AppSpecInput = { release: { blueGreen: { loadTest: { url: "http://a.test/" } } } };
    expect(kinds(release(asked))).not.toContain("NetworkPolicy");
    const told: AppSpecInput = { release: { blueGreen: { loadTest: "hey {{ url }}" } } };
    const tester = samples.get(releaseTester.id) as ReleaseTester;
    const opened = release(told).find(({ kind }) => kind === "NetworkPolicy");
    expect(opened?.metadata).toMatchObject({ name: "web.tester", namespace: "acme" });
    expect(opened?.spec).toEqual({
      podSelector: { matchLabels: { "landfall.dev/app": "web" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": tester.pods.namespace } },
              podSelector: { matchLabels: tester.pods.labels },
            },
          ],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ],
      egress: [],
    });
    const alone = release(told, "web", [http, metrics], [releaseTester as never]);
    expect(kinds(alone)).not.toContain("NetworkPolicy");
    expect(canaryOf(alone).analysis).not.toHaveProperty("webhooks");
  });

  it("has thresholds in the units of its queries", () => {
    const objects = release({
      expose,
      resources: { memory: "64Mi", memoryLimit: "96Mi" },
      release: { canary: { metrics: { errorRate: "0.5%", latencyP99: "2s", saturation: "80%" } } },
    });
    const ranges = Object.fromEntries(
      canaryOf(objects).analysis.metrics?.map(({ name, thresholdRange }) => [name, thresholdRange]) ?? [],
    );
    expect(ranges).toMatchObject({
      "error-rate": { max: 0.5 },
      "latency-p99": { max: 2000 },
      memory: { max: 80 },
    });
    expect(queriesOf(objects).at(-1)).toMatch(/ \/ 100663296$/);
  });

  it("can leave requests out", () => {
    const off = { errorRate: false as const, latencyP99: false as const };
    expect(
      canaryOf(release({ expose, release: { canary: { metrics: off } } })).analysis.metrics,
    ).toBeUndefined();
  });
});
