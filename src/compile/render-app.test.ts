import { expect, test } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { judgeBundle } from "./policies/judge.ts";
import { podTemplateOf } from "./policies/policy.ts";
import { compiled, yaml } from "./testing/declare.ts";
import { allSmallParts, smallRegistry } from "./testing/registry.ts";

/** The fields of specs that are read here. */
interface Spec {
  selector: { matchLabels: object };
  volumeClaimTemplates: object[];
  template: { spec: object };
  ingress: object[];
  egress: object[];
}

/** Compile apps, and find the object of a kind and name. */
async function render(apps: string, root = "") {
  const plan = await compiled(
    { "landfall.config.yaml": yaml(apps, `${allSmallParts}\n${root}`) },
    smallRegistry,
  );
  const objects = plan.clusters.flatMap((cluster) => cluster.bundles.flatMap((bundle) => bundle.objects));
  const of = (kind: string, name = "web") =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const spec = (kind: string, name?: string) => of(kind, name)?.spec as unknown as Spec;
  const container = (name = "web") => {
    const owner = of("Deployment", name) ?? of("StatefulSet", name);
    return owner && (podTemplateOf(owner)?.spec.containers[0] as unknown as Record<string, never>);
  };
  const env = (name = "web") => {
    const list = (container(name)?.env ?? []) as { name: string; value?: string; valueFrom?: unknown }[];
    return Object.fromEntries(list.map((entry) => [entry.name, entry.value ?? entry.valueFrom]));
  };
  const annotations = (name = "web") => {
    const owner = of("Deployment", name);
    const metadata = (owner && podTemplateOf(owner))?.metadata as KubernetesObject["metadata"] | undefined;
    return metadata?.annotations ?? {};
  };
  return { objects, of, spec, container, env, annotations };
}

const web = (rest: string) => `  web: { image: nginx:1.27, ports: { http: 8080 }, ${rest} }\n`;

test("an autoscaled app has no replicas of its own", async () => {
  const scaled = await render(web("scale: { min: 2, max: 5, cpu: 60 }"));
  expect(scaled.of("Deployment")?.spec).not.toHaveProperty("replicas");
  expect(scaled.of("HorizontalPodAutoscaler")?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
  const fixed = await render(web("scale: { min: 2, max: 2 }"));
  expect(fixed.of("Deployment")?.spec).toMatchObject({ replicas: 2 });
  expect(fixed.of("HorizontalPodAutoscaler")).toBeUndefined();
});

test("a workload selects by one label, everything else by the constant one", async () => {
  const { of, spec } = await render(web("scale: { min: 2, max: 3 }"));
  expect(of("Deployment")?.spec).toMatchObject({
    selector: { matchLabels: { "app.kubernetes.io/name": "web" } },
  });
  expect(Object.keys(spec("Deployment").selector.matchLabels)).toHaveLength(1);
  const constant = { matchLabels: { "landfall.dev/app": "web" } };
  expect(of("PodDisruptionBudget")?.spec).toMatchObject({ selector: constant });
  expect(of("NetworkPolicy")?.spec).toMatchObject({ podSelector: constant });
});

test("a lasting volume makes a StatefulSet with a claim, an ephemeral one an emptyDir", async () => {
  const { of, spec } = await render(
    web("volumes: { data: { path: /data, size: 1Gi }, cache: { path: /c, size: 5Mi, ephemeral: true } }"),
  );
  expect(of("Deployment")).toBeUndefined();
  const made = spec("StatefulSet");
  expect(made).toMatchObject({ serviceName: "web-pods", replicas: 1 });
  expect(of("Service", "web-pods")?.spec).toMatchObject({ clusterIP: "None" });
  expect(made.volumeClaimTemplates).toMatchObject([
    { metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } },
  ]);
  expect(made.template.spec).toMatchObject({
    volumes: [{ name: "cache", emptyDir: { sizeLimit: "5Mi" } }, { name: "tmp" }],
  });
});

test("an app's own volume at /tmp takes the place of landfall's", async () => {
  const { spec } = await render(web("volumes: { tmp: { path: /tmp, size: 1Gi, ephemeral: true } }"));
  const { containers, volumes } = spec("Deployment").template.spec as Record<string, object[]>;
  expect(containers).toMatchObject([{ volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] }]);
  expect(volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }]);
});

const edges = `  db: { image: db:1, namespace: data, ports: { sql: 5432, metrics: 9000 } }
  api: { image: api:1, ports: { grpc: 50051, metrics: 9464 }, calls: [db] }
  web: { image: nginx:1.27, ports: { http: 8080 }, calls: [api], expose: [{ host: a.localhost }] }
  job: { image: job:1, env: { DB: { address: db } } }
`;

test("network policies open exactly the declared edges", async () => {
  const { of } = await render(edges);
  const peer = (namespace: string, labels: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: labels },
  });
  const app = (name: string, namespace = "shop") => peer(namespace, { "landfall.dev/app": name });
  const tcp = (port: number) => ({ port, protocol: "TCP" });
  const dns = { to: [peer("dns", { part: "dns" })], ports: [{ port: 5353, protocol: "UDP" }, tcp(5353)] };
  const store = peer("store", { part: "store" });
  expect(of("NetworkPolicy", "api")?.spec).toMatchObject({
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [app("web")], ports: [tcp(50051)] },
      { from: [store], ports: [tcp(9464)] },
    ],
    egress: [dns, { to: [app("db", "data")], ports: [tcp(5432)] }],
  });
  expect(of("NetworkPolicy", "web")?.spec).toMatchObject({
    ingress: [{ from: [peer("edge", { part: "edge" })], ports: [tcp(8080)] }],
    egress: [dns, { to: [app("api")], ports: [tcp(50051)] }],
  });
  // An address is a call too, and a caller in another namespace is let in there.
  expect(of("NetworkPolicy", "db")?.spec).toMatchObject({
    ingress: [{ from: [app("api"), app("job")], ports: [tcp(5432)] }, { ports: [tcp(9000)] }],
    egress: [dns],
  });
  expect(of("NetworkPolicy", "job")?.spec).toMatchObject({
    ingress: [],
    egress: [dns, { to: [app("db", "data")], ports: [tcp(5432)] }],
  });
});

test("metrics on the main port leave that port open to callers", async () => {
  const { spec } = await render(`${web("metrics: { port: http }")}  api: { image: api:1, calls: [web] }\n`);
  const ingress = spec("NetworkPolicy").ingress;
  expect(ingress).toMatchObject([{ ports: [{ port: 8080 }] }, { ports: [{ port: 8080 }] }]);
});

test("an app is told where what it calls answers, and who it is", async () => {
  const { env } = await render(edges);
  expect(env("api")).toEqual({
    APP_VERSION: "1",
    DB_ADDR: "db.data.svc.cluster.local:5432",
    DB_SQL_ADDR: "db.data.svc.cluster.local:5432",
    OTEL_SERVICE_NAME: "api",
  });
  expect(env("job")).toMatchObject({ DB: "db.data.svc.cluster.local:5432" });
});

test("config goes by its content: a change gives another ConfigMap, the order of keys does not", async () => {
  const nameOf = async (config: string) => {
    const { objects, spec } = await render(web(`config: { app.json: ${config} }`));
    const [volume] = (spec("Deployment").template.spec as { volumes: object[] }).volumes;
    const map = objects.find(({ kind }) => kind === "ConfigMap");
    expect(volume).toEqual({ name: "config", configMap: { name: map?.metadata.name } });
    return map?.metadata.name;
  };
  const name = await nameOf("{ a: 1, b: 2 }");
  expect(name).toMatch(/^web-config-[0-9a-f]{8}$/);
  expect(await nameOf("{ b: 2, a: 1 }")).toBe(name);
  expect(await nameOf("{ a: 1, b: 3 }")).not.toBe(name);
});

test("a secret without a value yet comes by its plain name", async () => {
  const { env } = await render(
    web("env: { KEY: { secret: stripe, key: id } }"),
    "secrets: { stripe: { generate: 32 } }",
  );
  expect(env().KEY).toEqual({ secretKeyRef: { name: "stripe", key: "id" } });
});

test("what calls as a visitor reaches the gateway at whatever ports it has, and needs one", async () => {
  const text = web("reaches: [{ to: gateway }]");
  const plan = await compiled({ "landfall.config.yaml": yaml(text, allSmallParts) }, smallRegistry);
  const policy = plan.clusters[0]?.bundles
    .flatMap(({ objects }) => objects)
    .find(({ kind }) => kind === "NetworkPolicy");
  expect((policy?.spec as Spec | undefined)?.egress.slice(1)).toEqual([
    { to: [{ namespaceSelector: expect.anything(), podSelector: expect.anything() }] },
  ]);
});

test("what an app reaches outside the cluster is open, in its environment alone", async () => {
  const clusters = `environments: { dev: {}, prod: {} }
clusters:
  one: { type: kubernetes, context: one, environment: dev }
  two: { type: kubernetes, context: two, environment: prod }`;
  const reaches = (list: string) => `reaches: [${list}]`;
  const plan = await compiled(
    {
      "landfall.config.yaml": yaml(
        web(
          `${reaches("{ to: internet }, { to: 203.0.113.0/24, ports: [25, 587] }")}, overrides: [{ where: { environment: prod }, set: { ${reaches("")} } }]`,
        ),
        clusters,
      ),
    },
    smallRegistry,
  );
  const [one, two] = plan.clusters.map(({ bundles }) => {
    const policy = bundles.flatMap(({ objects }) => objects).find(({ kind }) => kind === "NetworkPolicy");
    return (policy?.spec as Spec | undefined)?.egress.slice(1);
  });
  const tcp = (port: number) => ({ port, protocol: "TCP" });
  expect(one).toMatchObject([
    {
      to: [
        {
          ipBlock: {
            cidr: "0.0.0.0/0",
            except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"],
          },
        },
        { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
      ],
      ports: [tcp(443)],
    },
    { to: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [tcp(25), tcp(587)] },
  ]);
  expect(two).toEqual([]);
});

test("raw objects live in the app's namespace or in one that is made for them", async () => {
  const plan = await compiled(
    {
      "landfall.config.yaml": yaml(`  web:
    image: nginx:1.27
    raw:
      - { apiVersion: v1, kind: ConfigMap, metadata: { name: here } }
      - { apiVersion: v1, kind: ConfigMap, metadata: { name: there, namespace: extra } }
      - { apiVersion: v1, kind: ConfigMap, metadata: { name: theirs, namespace: kube-system } }
      - { apiVersion: v1, kind: Namespace, metadata: { name: own } }
      - { apiVersion: v1, kind: ConfigMap, metadata: { name: mine, namespace: own } }
`),
    },
    smallRegistry,
  );
  const [cluster] = plan.clusters;
  const objects = cluster?.bundles.flatMap((bundle) => bundle.objects) ?? [];
  const namespaceOf = (name: string) => objects.find((o) => o.metadata.name === name)?.metadata.namespace;
  expect(["here", "there", "own"].map(namespaceOf)).toEqual(["shop", "extra", undefined]);
  expect(cluster?.namespaces.map(({ metadata }) => metadata.name)).toEqual(["extra", "shop"]);
  expect(cluster?.namespaces[0]?.metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "restricted",
  });
});

test("a restart never hangs on what readiness asks", async () => {
  const probes = async (declared: string, ports = "{ http: 8080, admin: 9090 }") =>
    (await render(`  web: { image: x:1, ports: ${ports}, probes: ${declared} }`)).container();
  expect(await probes("{ ready: { http: /db, port: admin } }")).toMatchObject({
    readinessProbe: { httpGet: { path: "/db", port: "admin" } },
    livenessProbe: { tcpSocket: { port: "admin" } },
    startupProbe: { tcpSocket: { port: "admin" } },
  });
  expect(await probes("{ ready: { http: /db } }")).toMatchObject({
    livenessProbe: { tcpSocket: { port: "http" } },
  });
  expect(await probes("{ ready: { grpc: grpc } }", "{ http: 80, grpc: 50051 }")).toMatchObject({
    livenessProbe: { tcpSocket: { port: "grpc" } },
  });
  expect(await probes("{ live: { http: /up } }")).toMatchObject({
    readinessProbe: { httpGet: { path: "/up" } },
    livenessProbe: { httpGet: { path: "/up" } },
  });
});

test("probes are as declared, and a connection to the first port where they are not", async () => {
  const told = await render(
    web("probes: { ready: { http: /ready }, live: { tcp: http }, startSeconds: 20 }"),
  );
  expect(told.container()).toMatchObject({
    readinessProbe: { httpGet: { path: "/ready", port: "http" } },
    livenessProbe: { tcpSocket: { port: "http" } },
    startupProbe: { tcpSocket: { port: "http" }, periodSeconds: 1, failureThreshold: 20 },
  });
  const untold = await render(web(""));
  expect(untold.container()).toMatchObject({ readinessProbe: { tcpSocket: { port: "http" } } });
  const grpc = await render(
    "  web: { image: x:1, ports: { grpc: 50051 }, probes: { ready: { grpc: grpc } } }",
  );
  expect(grpc.container()).toMatchObject({ readinessProbe: { grpc: { port: 50051 } } });
});

test("each exposed host gets a route, HTTP or gRPC by its port", async () => {
  const { of } = await render(
    `${web("expose: [{ host: a.localhost }, { host: a.localhost, path: /api }]")}  api: { image: api:1, ports: { grpc: 50051 }, expose: [{ host: api.localhost }] }\n`,
  );
  const backendRefs = [{ name: "web", port: 8080 }];
  expect(of("HTTPRoute")?.spec).toMatchObject({
    parentRefs: [{ name: "edge", namespace: "edge" }],
    hostnames: ["a.localhost"],
    rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs }],
  });
  expect(of("HTTPRoute", "web-2")?.spec).toMatchObject({
    rules: [{ matches: [{ path: { value: "/api" } }] }],
  });
  expect(of("GRPCRoute", "api")?.spec).toMatchObject({
    rules: [{ backendRefs: [{ name: "api", port: 50051 }] }],
  });
});

test("apps keep the whole policy set", async () => {
  const { objects } = await render(
    `${edges}  keeper: { image: keeper:1, volumes: { data: { path: /data, size: 1Gi } } }\n`,
  );
  expect(objects.filter(podTemplateOf)).toHaveLength(5);
  const bundle = { kind: "app" as const, owner: "all", objects };
  expect(judgeBundle(bundle, { domain: "localhost", objects: () => [] })).toEqual([]);
});
