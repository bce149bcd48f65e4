/** Two owners of one object: whichever was applied last would win. */
import { expect, test } from "vitest";
import { buildOf, declaration } from "./company.ts";

const configMap = (namespace?: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "x", ...(namespace && { namespace }) },
});
const budget = (version: string) => ({
  apiVersion: `policy/${version}`,
  kind: "PodDisruptionBudget",
  metadata: { name: "x" },
  spec: { maxUnavailable: 1, selector: { matchLabels: { a: "b" } } },
});
const account = (name: string, namespace?: string) => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, ...(namespace && { namespace }) },
});

const apps = (web: object[], api: object[]) => ({
  "landfall.config.yaml": declaration(`apps:
  web: { image: 'nginx:1', raw: ${JSON.stringify(web)} }
  api: { image: 'nginx:1', raw: ${JSON.stringify(api)} }`),
});

test.each([
  ["two apps bring it", apps([configMap()], [configMap()]), "ConfigMap shop/x", ["app-api", "app-web"]],
  [
    "one names the namespace that the other has by default",
    apps([configMap()], [configMap("shop")]),
    "ConfigMap shop/x",
    ["app-api", "app-web"],
  ],
  [
    "an app brings what another is made of",
    apps([], [account("web")]),
    "ServiceAccount shop/web",
    ["app-api", "app-web"],
  ],
  [
    "an app brings what a part is made of",
    apps([], [account("kustomize-controller", "flux-system")]),
    "ServiceAccount flux-system/kustomize-controller",
    ["part-flux", "app-api"],
  ],
  ["an app brings it twice", apps([configMap(), configMap()], []), "ConfigMap shop/x", ["app-web"]],
])("%s: refused with both owners", async (_name, files, object, owners) => {
  const { problems, written } = await buildOf(files);
  expect(written).toBe(0);
  expect(problems).toMatchObject([{ code: "LF2006", what: expect.stringContaining(object) }]);
  for (const owner of owners) expect(problems[0]?.what).toContain(owner);
});

test("versions of one API group are the same object", async () => {
  const scaler = (version: string) => ({
    apiVersion: `autoscaling/${version}`,
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "x" },
    spec: { maxReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "nobody" } },
  });
  const { problems } = await buildOf(apps([scaler("v1")], [scaler("v2")]));
  expect(problems.map(({ code }) => code)).toContain("LF2006");
});

test("a namespace does not tell two objects of the whole cluster apart", async () => {
  const role = (namespace: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "x", namespace },
    rules: [],
  });
  const { problems } = await buildOf(apps([role("a")], [role("b")]));
  expect(problems.length).toBeGreaterThan(0);
  for (const { code, what } of problems)
    expect(`${code} ${what}`).toMatch(/^LF2004 ClusterRole .*cluster-wide/);
});

test("one name in two namespaces, or of two kinds, is two objects", async () => {
  const { problems, written } = await buildOf(
    apps([configMap("a"), budget("v1")], [configMap("b"), account("x")]),
  );
  expect(problems).toEqual([]);
  expect(written).toBeGreaterThan(0);
});
