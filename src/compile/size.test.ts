import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { sizeProblems } from "./size.ts";
import { problemsIn, yaml } from "./testing/declare.ts";

const MiB = 1024 * 1024;
const bundle = { name: "app-web", place: { file: "landfall.config.yaml" } };
const object = (kind: string, more: object): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "big", namespace: "shop" },
  ...more,
});
const said = (one: KubernetesObject) => sizeProblems(one, bundle).map(({ code, what }) => `${code} ${what}`);

describe("what the API server takes", () => {
  test.each([
    ["a ConfigMap of 1 MiB", object("ConfigMap", { data: { a: "x".repeat(MiB) } })],
    ["a Secret of 1 MiB", object("Secret", { data: { a: Buffer.alloc(MiB).toString("base64") } })],
    [
      "binary data of 1 MiB",
      object("ConfigMap", { binaryData: { a: Buffer.alloc(MiB).toString("base64") } }),
    ],
    ["a policy of 4,000 peers", object("NetworkPolicy", { spec: { from: peers(4000) } })],
  ])("%s", (_name, one) => expect(said(one)).toEqual([]));

  test.each([
    ["text", object("ConfigMap", { data: { a: "x".repeat(MiB), b: "y" } }), "ConfigMap shop/big has 1.0 MiB"],
    [
      "wide text",
      object("ConfigMap", { data: { a: "é".repeat(0.75 * MiB) } }),
      "ConfigMap shop/big has 1.5 MiB",
    ],
    [
      "a Secret",
      object("Secret", { data: { a: Buffer.alloc(2 * MiB).toString("base64") } }),
      "Secret shop/big has 2.0 MiB",
    ],
    [
      "peers",
      object("NetworkPolicy", { spec: { from: peers(20_000) } }),
      /^NetworkPolicy shop\/big has \d\.\d MiB$/,
    ],
  ])("is less than too much %s", (_name, one, what) => {
    const [only] = sizeProblems(one, bundle);
    expect(only?.code).toBe("LF2012");
    expect(only?.what).toMatch(what);
    expect(only?.why).toContain("app-web renders it");
  });
});

function peers(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    podSelector: { matchLabels: { "landfall.dev/app": `caller-${i}` } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
  }));
}

test("an app's config that is too large is told with the app and its place", async () => {
  const text = yaml(`  web:\n    image: nginx:1.27\n    config: { "page.html": "${"x".repeat(1.2 * MiB)}" }`);
  const problems = await problemsIn({ "landfall.config.yaml": text });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    code: "LF2012",
    what: expect.stringMatching(/^ConfigMap shop\/web-config-\w+ has 1\.2 MiB$/),
    why: expect.stringContaining("app-web renders it"),
    where: { path: "apps.web" },
  });
});
