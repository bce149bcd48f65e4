import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { Bundle, Plan } from "../../compile/plan.ts";
import { compiled, yaml } from "../../compile/testing/declare.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { objectFiles } from "./file-name.ts";
import { emitFleet } from "./index.ts";

const app = "  web: { image: nginx:1.27, ports: { http: 8080 } }\n";
const planOf = (apps = app, root = "") => compiled({ "landfall.config.yaml": yaml(apps, root) });

interface Kustomization {
  metadata: { name: string };
  spec: Record<string, unknown>;
}

function kustomizations(plan: Plan, cluster: string): Record<string, Kustomization["spec"]> {
  const text = emitFleet(plan).get(`clusters/${cluster}/root/kustomizations.yaml`) ?? "";
  const all = parseAllDocuments(text).map((document) => document.toJSON() as Kustomization);
  return Object.fromEntries(all.map(({ metadata, spec }) => [metadata.name, spec]));
}

const bundleOf = (objects: Partial<KubernetesObject>[]) => ({ objects, place: {} }) as unknown as Bundle;
const object = (kind: string, name: string, namespace?: string, apiVersion = "v1") => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace && { namespace }) },
});
const namesOf = (...objects: Partial<KubernetesObject>[]) => [...objectFiles(bundleOf(objects)).keys()];

test("file names are short, and longer only where two objects would share one", () => {
  expect(namesOf(object("Service", "web", "shop"), object("Service", "api", "other"))).toEqual([
    "service-web.yaml",
    "service-api.yaml",
  ]);
  expect(namesOf(object("ConfigMap", "x", "a"), object("ConfigMap", "x", "b"))).toEqual([
    "configmap-a-x.yaml",
    "configmap-b-x.yaml",
  ]);
  expect(namesOf(object("Service", "x", "a"), object("Service", "x", "a", "serving.example.com/v1"))).toEqual(
    ["service-a-x.yaml", "service-serving.example.com-a-x.yaml"],
  );
});

test("two objects that would be one file are an error, never one file lost", () => {
  const roles = [object("ClusterRole", "a:b"), object("ClusterRole", "a-b")];
  expect(() => namesOf(...roles)).toThrow(/LF2006.*ClusterRole a:b and ClusterRole a-b/);
  const crossing = [object("Role", "x", "a"), object("Role", "x", "b"), object("Role", "a-x", "c")];
  expect(() => namesOf(...crossing)).toThrow(/LF2006/);
});

const several =
  "clusters: { one: { type: kubernetes, context: a }, two: { type: kubernetes, context: b }, zoo: { type: kubernetes, context: c } }";

test("a Kustomization that clusters share stands once, one that differs is its cluster's own", async () => {
  const plan = await planOf(app, several);
  const shared = emitFleet(plan);
  expect(parse(shared.get("delivery/app-web.yaml") ?? "")).toMatchObject({ metadata: { name: "app-web" } });
  expect(shared.has("clusters/one/root/kustomizations.yaml")).toBe(false);
  const list = JSON.parse(shared.get("clusters/one/artifacts.json") ?? "");
  expect(list.artifacts[0]).toMatchObject({
    name: "cluster",
    with: ["delivery/app-web.yaml", "delivery/part-flux.yaml"],
  });
  for (const { name, bundles } of plan.clusters)
    for (const bundle of bundles)
      if (bundle.kind === "app") bundle.after = name === "two" ? ["part-flux"] : [];
  const differing = emitFleet(plan).get("delivery/app-web.yaml") ?? "";
  expect(parse(differing).spec).not.toHaveProperty("dependsOn");
  expect(kustomizations(plan, "two")["app-web"]).toMatchObject({ dependsOn: [{ name: "part-flux" }] });
});

test("with a Git host the root names what it takes from elsewhere", async () => {
  const plan = await planOf(app, `${several}\nfleet: { url: "https://git.example.com/fleet.git" }`);
  const root = parse(emitFleet(plan).get("clusters/one/root/kustomization.yaml") ?? "");
  expect(root.resources).toEqual([
    "namespaces.yaml",
    "artifacts.yaml",
    "../../../delivery/app-web.yaml",
    "../../../delivery/part-flux.yaml",
  ]);
});

test("an environment named like a cluster does not make two variants one", async () => {
  const apps = `  web:
    image: nginx:1.27
    overrides:
      - { where: { region: a }, set: { args: [a] } }
      - { where: { environment: eu }, set: { args: [eu] } }
`;
  const clusters = `environments: { eu: {}, other: {} }
clusters:
  eu: { type: kubernetes, context: a, environment: other, labels: { region: a } }
  one: { type: kubernetes, context: b, environment: eu }
  two: { type: kubernetes, context: c, environment: other }`;
  const plan = await planOf(apps, clusters);
  expect([...emitFleet(plan).keys()].filter((path) => path.startsWith("apps/"))).toEqual([
    "apps/web.eu.cluster.yaml",
    "apps/web.eu.yaml",
    "apps/web.two.yaml",
  ]);
});

test("the definition of Kustomizations outlives its own Kustomization, and no definition is ever pruned", async () => {
  const plan = await planOf();
  const { "part-flux": flux, "app-web": web } = kustomizations(plan, "local");
  expect(flux).toMatchObject({ deletionPolicy: "Orphan", retryInterval: "15s", timeout: "3m" });
  expect(web).not.toHaveProperty("deletionPolicy");
  const definitions = [...emitFleet(plan)].filter(([path]) => path.includes("/customresourcedefinition-"));
  expect(definitions.length).toBeGreaterThan(3);
  for (const [, text] of definitions)
    expect(parse(text)).toMatchObject({
      metadata: { annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } },
    });
});

test("the README names the folder the first cluster has Flux from, and the Secret Flux reads the repo with", async () => {
  // Flux that differs between clusters is written twice, and neither is `base`.
  const clusters = "{ a: { type: kubernetes, context: a }, b: { type: local } }";
  const fleet = (url: string) => `clusters: ${clusters}\nfleet: { url: "${url}", secret: fleet-key }`;
  const plan = await planOf(app, fleet("https://git.example.com/fleet.git"));
  const readme = emitFleet(plan).get("README.md");
  expect(readme).toContain("kubectl apply --server-side -f parts/flux/a\n");
  expect(readme).toContain("create secret generic fleet-key --from-literal=username=USER");
  const ssh = await planOf(app, fleet("ssh://git@git.example.com/fleet.git"));
  expect(emitFleet(ssh).get("README.md")).toContain("fleet-key --from-file=identity=PRIVATE_KEY");
  expect(emitFleet(await planOf()).get("README.md")).not.toContain("--from-literal");
});
