import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClusterClient, connect } from "../cluster/client.ts";
import { readKubeconfig } from "../cluster/kubeconfig.ts";
import { hasApiServer, startApiServer, type TestApiServer } from "../cluster/testing/api-server.ts";
import { identityOf } from "../compile/identity.ts";
import { compile } from "../compile/index.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import { run } from "../embedded/machine/run.ts";
import { kubernetesScalar } from "../import/kubernetes-scalars.ts";
import { normalForm } from "../import/normal-form.ts";
import { prepare } from "../import/prepare.ts";
import { readObjects } from "../import/read-objects.ts";
import { readYaml } from "../import/read-yaml.ts";
import { registry } from "../parts/index.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { importFrom } from "./import.ts";
import { planLive } from "./plan.ts";

const folder = join(import.meta.dirname, "../../test/import");
const today = "2026-11-21";

describe.skipIf(!hasApiServer())("held against a real API server", { timeout: 240_000 }, () => {
  let server: TestApiServer;
  let client: ClusterClient;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "landfall-import-live-"));
    server = await startApiServer();
    client = connect({ kubeconfig: server.kubeconfig });
    for (const name of ["shop", "fresh"])
      await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await client.apply(anything);
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("reads YAML as Kubernetes reads it", async () => {
    const lines = scalars.map((text, i) => `  k${i}: ${text}`);
    const body = `apiVersion: test.example/v1\nkind: Anything\nmetadata: {name: a, namespace: shop}\nspec:\n${lines.join("\n")}\n  yes: key\n  0644: octal\n  merged: {<<: {a: 1, b: 2}, b: 3}\n`;
    const stored = await post(server, "/apis/test.example/v1/namespaces/shop/anythings?dryRun=All", body);
    const [own] = readYaml(body, "test.yaml");
    expect(own?.value).toMatchObject({ spec: stored.spec });
    expect(JSON.stringify(own?.value).length).toBeGreaterThan(500);
    expect(scalars.map(kubernetesScalar).filter((value) => typeof value !== "string").length).toBeGreaterThan(
      30,
    );
  });

  it("knows what the API server fills in, kind by kind", async () => {
    const all = [...originals("boutique"), ...originals("extras")]
      .map(inNamespace("fresh"))
      .filter(({ kind }) => kind !== "Secret");
    const kinds = new Set<string>();
    for (const object of all) {
      const { status: _, ...stored } = await client.dryRun(withoutHostPorts(object), { force: true });
      const told = withoutHostPorts(assigned(stored as KubernetesObject));
      expect(normalForm(told), identityOf(object)).toEqual(normalForm(withoutHostPorts(object)));
      kinds.add(object.kind);
    }
    expect(kinds.size).toBeGreaterThan(13);
  });

  it("imports Online Boutique and more to what the server stores alike, to the last field", async () => {
    const out = join(dir, "files");
    const source = join(folder);
    await importFrom({
      source: join(source, "online-boutique"),
      out,
      form: "ts",
      harden: false,
      values: [],
      today,
      namespace: "fresh",
      name: "fresh",
    });
    const rest = join(dir, "rest");
    await importFrom({
      source: join(source, "extras.yaml"),
      out: rest,
      form: "yaml",
      harden: false,
      values: [],
      today,
      namespace: "fresh",
      name: "fresh",
    });
    const made = [...(await built(out)), ...(await built(rest))];
    const given = [...originals("boutique"), ...originals("extras")]
      .map(inNamespace("fresh"))
      .filter(({ kind }) => kind !== "Secret");
    expect(made.map(identityOf).sort()).toEqual(given.map(identityOf).sort());
    for (const original of given) {
      const same = made.find((object) => identityOf(object) === identityOf(original)) as KubernetesObject;
      const [a, b] = [
        await client.dryRun(original, { force: true }),
        await client.dryRun(same, { force: true }),
      ];
      expect(assigned(b), identityOf(original)).toEqual(assigned(a));
    }
  });

  it("imports a running cluster: no pod template and no claim changes", async () => {
    const kubectl = (await findBinary("kubectl")).path;
    const apply = async (file: string) =>
      run(kubectl, ["--kubeconfig", server.kubeconfig, "-n", "shop", "apply", "-f", file], {
        timeoutMs: 60_000,
      });
    for (const file of [join(folder, "online-boutique"), join(folder, "extras.yaml")])
      expect(await apply(file)).toMatchObject({ code: 0 });
    // As a controller would leave it.
    await client.patch(
      deployments,
      { name: "web-deployment", namespace: "shop" },
      { metadata: { annotations: { "deployment.kubernetes.io/revision": "3" } } },
    );
    const owned = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "owned",
        namespace: "shop",
        ownerReferences: [
          { apiVersion: "v1", kind: "Pod", name: "x", uid: "11111111-1111-1111-1111-111111111111" },
        ],
      },
    };
    await client.apply(owned as never);

    const out = join(dir, "live");
    const live = { context: "test", kubeconfig: server.kubeconfig, namespaces: ["shop"] };
    const { outcomes, tree } = await importFrom({ live, out, form: "ts", harden: false, values: [], today });
    const given = [...originals("boutique"), ...originals("extras")].map(inNamespace("shop"));
    expect(outcomes.map(({ object }) => object).sort()).toEqual(given.map(identityOf).sort());
    expect(readFileSync(join(out, "landfall.config.ts"), "utf8")).not.toContain("not-for-the-declaration");
    expect(tree.clusters).toEqual({ test: { type: "kubernetes", context: "test" } });

    const made = await built(out);
    expect(made.map(identityOf).sort()).toEqual(
      given
        .filter(({ kind }) => kind !== "Secret")
        .map(identityOf)
        .sort(),
    );
    const counts = { templates: 0, claims: 0 };
    for (const object of made) {
      const { name, namespace } = object.metadata;
      const before = await client.get(object, name, namespace);
      // As the delivery will apply it: by its own manager, over what others wrote.
      const after = await client.dryRun(object, { force: true, fieldManager: "kustomize-controller" });
      expect(assigned(after), identityOf(object)).toEqual(assigned(before as KubernetesObject));
      const { template, volumeClaimTemplates } = (before?.spec ?? {}) as {
        template?: object;
        volumeClaimTemplates?: object;
      };
      counts.templates += template ? 1 : 0;
      counts.claims += volumeClaimTemplates ? 1 : 0;
      // What others once applied goes when they give it up: made anew, it is the same too.
      const fresh = await client.dryRun(madeAnew(assigned(before as KubernetesObject)));
      const again = await client.dryRun(madeAnew(object));
      expect(assigned(again), `${identityOf(object)}, made anew`).toEqual(assigned(fresh));
    }
    expect(counts).toEqual({ templates: 15, claims: 1 });
  });

  it("is followed by a live plan in which no pod restarts and no volume moves", async () => {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = server.kubeconfig;
    try {
      const { changes } = await planLive(join(dir, "live"), "test");
      const apps = changes.units.filter(({ kind }) => kind === "app");
      const objects = apps.flatMap((unit) => unit.objects);
      expect(apps.reduce((sum, { restarts }) => sum + restarts, 0)).toBe(0);
      expect(
        objects
          .filter(({ action }) => action !== "change")
          .map(({ action, object }) => [action, object.kind]),
      ).toEqual([]);
      expect(
        objects
          .flatMap(({ fields }) => fields)
          .filter(({ path }) => /template|volumeClaim|selector/i.test(path)),
      ).toEqual([]);
      expect(changes.summary).toMatchObject({ restarts: 0, replace: 0, delete: 0, destructive: 0 });
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  it("says so when a cluster has nothing that people made", async () => {
    const live = { context: "test", kubeconfig: server.kubeconfig, namespaces: ["kube-system"] };
    const work = importFrom({ live, out: join(dir, "none"), form: "ts", harden: false, values: [], today });
    await expect(work).rejects.toThrow(/LF1023 nothing to import/);
  });

  const built = async (path: string) => {
    const plan = await compile(path, { registry, today });
    return (
      plan.clusters[0]?.bundles.filter(({ kind }) => kind === "app").flatMap(({ objects }) => objects) ?? []
    );
  };
});

const deployments = { apiVersion: "apps/v1", kind: "Deployment" };
const anything: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "anythings.test.example" },
  spec: {
    group: "test.example",
    scope: "Namespaced",
    names: { kind: "Anything", listKind: "AnythingList", plural: "anythings", singular: "anything" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

/** Plain scalars that readers of YAML disagree about. */
const scalars = [
  "yes",
  "Yes",
  "YES",
  "no",
  "No",
  "on",
  "ON",
  "off",
  "Off",
  "y",
  "Y",
  "n",
  "N",
  "yEs",
  "true",
  "True",
  "tRue",
  "FALSE",
  "~",
  "null",
  "Null",
  "nULL",
  "0644",
  "0o644",
  "0O17",
  "0x1F",
  "0b101",
  "-0b11",
  "+12",
  "-7",
  "089",
  "0189",
  "1_000",
  "1__0",
  "0_7",
  "1e3",
  "1E-2",
  "1.",
  ".5",
  "-.5",
  "+.5",
  "1.5e+3",
  "1e",
  "e1",
  "0.",
  "00",
  "-0",
  "+0",
  "1:30",
  "12:30:45",
  "190:20:30",
  "2001-01-01",
  "2001-01-01T00:00:00Z",
  "0x",
  "0b",
  "0o8",
  "08.5",
  "1.2.3",
  "1,000",
  "--1",
  "+-1",
  "v1",
  "=",
  "1m",
  "100Mi",
  ".",
  "..",
  "-.",
  "+.",
  "._1",
  "1._5",
  "_1",
  "123456789012",
  "9007199254740991",
  "!!str 12",
  '!!int "12"',
  "!!bool yes",
  '"yes"',
  "'0644'",
];

function originals(which: string): KubernetesObject[] {
  const files = which.startsWith("extras")
    ? ["extras.yaml"]
    : readdirSync(join(folder, "online-boutique")).map((f) => `online-boutique/${f}`);
  const read = files.flatMap((file) => readObjects(readFileSync(join(folder, file), "utf8"), file).sources);
  return prepare(read, "shop").sources.map(({ object }) => object);
}

const inNamespace =
  (namespace: string) =>
  (object: KubernetesObject): KubernetesObject =>
    object.metadata.namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object;

/** Without what a server makes anew for each object: identity, and addresses it hands out. */
function assigned({ metadata, status: _, ...object }: KubernetesObject): KubernetesObject {
  const {
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    managedFields: _m,
    generation: _g,
    ...rest
  } = metadata;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(
      ([key]) => !/last-applied|deployment.kubernetes.io|deprecated.daemonset/.test(key),
    ),
  );
  const kept = { ...object, metadata: { ...rest, annotations } } as KubernetesObject;
  if (object.kind !== "Service") return kept;
  const { clusterIP, clusterIPs: _i, ipFamilies: _f, ports, ...spec } = object.spec as ServiceSpec;
  // A load balancer's own ports are anybody's.
  const own = spec.type === "LoadBalancer" ? ports.map(({ nodePort: _n, ...port }) => port) : ports;
  return { ...kept, spec: { ...spec, ports: own, ...(clusterIP === "None" && { clusterIP }) } };
}

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ports: { nodePort?: number }[];
}

const madeAnew = (object: KubernetesObject) => withoutHostPorts(inNamespace("fresh")(object));

/** A node's port can be taken once only. */
function withoutHostPorts(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Service") return object;
  const { ports, ...spec } = object.spec as { ports: { nodePort?: number }[] };
  return { ...object, spec: { ...spec, ports: ports.map(({ nodePort: _, ...port }) => port) } };
}

async function post(server: TestApiServer, path: string, yaml: string): Promise<KubernetesObject> {
  const { tls, authorization } = readKubeconfig(server.kubeconfig);
  const text = await new Promise<string>((done, fail) => {
    const headers = {
      "Content-Type": "application/yaml",
      Accept: "application/json",
      Authorization: authorization,
    };
    const call = request(`${server.url}${path}`, { method: "POST", headers, ca: tls.ca }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => (response.statusCode === 201 ? done(body) : fail(new Error(body))));
    });
    call.on("error", fail);
    call.end(yaml);
  });
  return JSON.parse(text) as KubernetesObject;
}
