import { describe, expect, it } from "vitest";
import type { KubernetesObject, PlacedApp } from "../../kit/index.ts";
import { gateway, metricsStore, progressiveDelivery } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { renderPart, theOne } from "../../kit/testing/render-part.ts";
import { sampleApp } from "../../kit/testing/samples.ts";
import type { AppSpecInput } from "../../model/app.ts";
import { loadTester } from "./part.ts";

const http = { name: "http", port: 8080, protocol: "http" as const };
const metrics = { name: "metrics", port: 9464, protocol: "http" as const };
const expose = [{ host: "shop.example.com" }];
const acceptance = "curl -sf {{ url }}/healthz";

const placed = (name: string, declared: AppSpecInput, namespace = "acme"): PlacedApp => ({
  ...sampleApp(name, [http, metrics], declared),
  namespace,
});
const apps = [
  placed("web", { expose, release: { canary: { acceptance } } }),
  placed("quotes", { release: { blueGreen: { loadTest: "hey -z 30s {{ url }}/" } } }, "trade"),
  placed("asked", { release: { blueGreen: { acceptance: { url: "http://tester.test/" } } } }),
  placed("rolled", {}),
];

const argsOf = (objects: KubernetesObject[]) =>
  (theOne(objects, "Deployment").spec as { template: { spec: { containers: { args: string[] }[] } } })
    .template.spec.containers[0]?.args;
const policyOf = (objects: KubernetesObject[]) =>
  theOne(objects, "NetworkPolicy").spec as { ingress: object[]; egress: object[] };

describe("load-tester", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(loadTester, { apps }));
  });

  it("is not there where nothing is to be run", () => {
    expect(renderPart(loadTester, { apps: apps.slice(2) })).toEqual([]);
  });

  it("takes orders from the canary controller alone, and for the apps that have commands", () => {
    const objects = renderPart(loadTester, { apps, without: [metricsStore] });
    const { ingress } = policyOf(objects);
    expect(ingress).toHaveLength(1);
    expect(JSON.stringify(ingress)).toContain('"landfall.dev/part":"steps"');
    const [gate = ""] = argsOf(objects)?.filter((arg) => arg.startsWith("-namespace-regexp=")) ?? [];
    const regexp = new RegExp(gate.replace("-namespace-regexp=", ""));
    expect(["acme", "trade", "acme-2", "default", ""].filter((name) => regexp.test(name))).toEqual([
      "acme",
      "trade",
    ]);
  });

  it("reaches the apps it tests and no other, and the gateway only for what is exposed", () => {
    const reached = JSON.stringify(policyOf(renderPart(loadTester, { apps })).egress);
    for (const name of ["web", "quotes"]) expect(reached).toContain(`"landfall.dev/app":"${name}"`);
    for (const name of ["asked", "rolled"]) expect(reached).not.toContain(`"landfall.dev/app":"${name}"`);
    expect(reached).toContain('"landfall.dev/part":"edge"');
    const inside = JSON.stringify(policyOf(renderPart(loadTester, { apps: apps.slice(1) })).egress);
    expect(inside).not.toContain('"landfall.dev/part":"edge"');
    expect(() => renderPart(loadTester, { apps, without: [gateway] })).not.toThrow();
  });

  it("ends what runs too long, and runs in an image of one's own", () => {
    const image = "registry.example.com/tester:1.0.0";
    const objects = renderPart(loadTester, { apps, options: { timeout: "1h", image } });
    expect(argsOf(objects)).toContain("-timeout=1h");
    expect(JSON.stringify(theOne(objects, "Deployment"))).toContain(`"image":"${image}"`);
    expect(() => renderPart(loadTester, { options: { timeout: "1d" } })).toThrow(/seconds, minutes or hours/);
  });

  it("cannot do without what gives it orders", () => {
    expect(() => renderPart(loadTester, { apps, without: [progressiveDelivery] })).toThrow(
      progressiveDelivery.id,
    );
  });
});
