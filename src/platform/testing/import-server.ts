/** What the tests of imports hold against a real API server. */
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { text as bodyOf } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { readKubeconfig } from "../../cluster/kubeconfig.ts";
import type { TestApiServer } from "../../cluster/testing/api-server.ts";
import { prepare } from "../../import/prepare.ts";
import { readObjects } from "../../import/read-objects.ts";
import type { KubernetesObject } from "../../schema/object.ts";

/** The folder of the manifests. */
export const folder = join(import.meta.dirname, "../../../test/import");

/** A kind that takes whatever it is given. */
export const anything: KubernetesObject = {
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
export const scalars = [
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

/** What is imported in these tests: Online Boutique, and what it has none of. */
export function originals(which: string): KubernetesObject[] {
  const files = which.startsWith("extras")
    ? ["extras.yaml"]
    : readdirSync(join(folder, "online-boutique")).map((f) => `online-boutique/${f}`);
  const read = files.flatMap((file) => readObjects(readFileSync(join(folder, file), "utf8"), file).sources);
  return prepare(read, "shop").sources.map(({ object }) => object);
}

export const inNamespace =
  (namespace: string) =>
  (object: KubernetesObject): KubernetesObject =>
    object.metadata.namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object;

/** Without what a server makes anew for each object: identity, and addresses it hands out. */
export function assigned({ metadata, status: _, ...object }: KubernetesObject): KubernetesObject {
  const {
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    managedFields: _m,
    generation: _g,
    finalizers: _p,
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

/** The object in another namespace. */
export const madeAnew = (object: KubernetesObject) => withoutHostPorts(inNamespace("fresh")(object));

/** A node's port can be taken once only. */
export function withoutHostPorts(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Service") return object;
  const { ports, ...spec } = object.spec as { ports: { nodePort?: number }[] };
  return { ...object, spec: { ...spec, ports: ports.map(({ nodePort: _, ...port }) => port) } };
}

/** Create an object from YAML, as it is; a kind just defined is served a moment later. */
export async function post(server: TestApiServer, path: string, yaml: string): Promise<KubernetesObject> {
  for (let tries = 0; ; tries++) {
    const { status, text } = await send(server, path, yaml);
    if (status === 201) return JSON.parse(text) as KubernetesObject;
    if (status !== 404 || tries > 100) throw new Error(text);
    await sleep(50);
  }
}

async function send(
  server: TestApiServer,
  path: string,
  yaml: string,
): Promise<{ status: number; text: string }> {
  const { tls, authorization } = readKubeconfig(server.kubeconfig);
  const headers = {
    "Content-Type": "application/yaml",
    Accept: "application/json",
    Authorization: authorization,
  };
  return new Promise((done, fail) => {
    const call = request(
      `${server.url}${path}`,
      { method: "POST", headers, ca: tls.ca },
      async (response) => {
        done({ status: response.statusCode ?? 0, text: await bodyOf(response) });
      },
    );
    call.on("error", fail);
    call.end(yaml);
  });
}
