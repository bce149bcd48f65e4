import { z } from "zod";
import { releaseSchema } from "./app-release.ts";
import {
  absolutePath,
  bytes,
  cpu,
  destination,
  duration,
  field,
  hostname,
  labels,
  name,
  port,
  portName,
  relativePath,
} from "./values.ts";

/** A secret's value by reference; the value itself is never in the declaration. */
export const secretRef = z.strictObject({
  secret: field(name, "The secret's name, as declared under `secrets`.", "stripe"),
  key: field(z.string().default("value"), "The key inside the secret.", "api-key"),
});

/** Where a called app answers, as `host:port`. */
export const addressRef = z.strictObject({
  address: field(name, "The app whose address is meant.", "redis"),
  port: field(portName.optional(), "The app's port; by default its first.", "grpc"),
});

const envValue = z.union([z.string(), z.number(), z.boolean(), secretRef, addressRef]);

const portSchema = z.strictObject({
  port: field(port, "The port the container listens on.", 8080),
  protocol: field(
    z.enum(["http", "grpc", "tcp"]).default("http"),
    "What is spoken on it; routes, probes and metrics follow from it.",
    "grpc",
  ),
});

const probe = z.union([
  z.strictObject({
    http: field(absolutePath, "The path that answers 2xx or 3xx when well.", "/healthz"),
    port: field(portName.optional(), "The port asked; by default the app's first.", "http"),
  }),
  z.strictObject({
    grpc: field(portName, "The port that serves grpc.health.v1.", "grpc"),
    service: field(
      z.string().optional(),
      "The service asked for; by default the server as a whole.",
      "readiness",
    ),
  }),
  z.strictObject({ tcp: field(portName, "The port that accepts connections.", "redis") }),
]);

const source = z.strictObject({
  path: field(relativePath, "The folder of the app's source.", "services/cart"),
  shared: field(z.array(relativePath).default([]), "Folders copied beside it, paths kept.", ["proto"]),
  language: field(
    z.enum(["go", "node", "python", "static"]).optional(),
    "How to build it; by default told from go.mod, package.json or requirements.txt.",
    "go",
  ),
});

const debianImage = z.strictObject({
  debian: field(z.array(z.string()).min(1), "Debian packages the image is made of.", ["redis-server"]),
  version: field(z.string(), "The version these packages give, as the upstream counts it.", "7.0.15"),
});

const expose = z.strictObject({
  host: field(
    hostname,
    "The host name; it must be unique in a cluster together with the path.",
    "shop.localhost",
  ),
  path: field(absolutePath.default("/"), "The path prefix.", "/api"),
  port: field(portName.optional(), "The app's port; by default its first http or grpc port.", "http"),
});

const reach = z.strictObject({
  to: field(
    destination,
    "Where to: `internet` is every public address, a CIDR is one network, and `gateway` the cluster's own gateway, for what calls as a visitor does.",
    "203.0.113.0/24",
  ),
  ports: field(
    z.array(port).min(1).default([443]),
    "The TCP ports it may reach there; of the gateway all.",
    [443],
  ),
});

const resources = z.strictObject({
  cpu: field(cpu.default("50m"), "CPU requested per pod.", "100m"),
  memory: field(bytes.default("64Mi"), "Memory requested per pod.", "128Mi"),
  memoryLimit: field(bytes.optional(), "Memory limit per pod; by default twice the request.", "256Mi"),
});

const scale = z.strictObject({
  min: field(z.int().min(1).default(1), "The fewest pods.", 2),
  max: field(z.int().min(1).default(1), "The most pods; above `min` an autoscaler is made.", 10),
  cpu: field(z.int().min(1).max(100).default(70), "The CPU use, in percent of the request, to scale at.", 70),
});

const volume = z.strictObject({
  path: field(absolutePath, "Where it is mounted.", "/data"),
  size: field(bytes, "Its size; an ephemeral volume's limit.", "1Gi"),
  ephemeral: field(z.boolean().default(false), "Lives and dies with the pod.", true),
  storageClass: field(z.string().optional(), "The storage class; by default the cluster's.", "fast"),
});

const slo = z.strictObject({
  availability: field(z.number().gt(0).lt(100).default(99.9), "Percent of requests that must succeed.", 99.9),
  latency: field(duration.default("500ms"), "What 99 % of requests must stay below.", "300ms"),
});

const metrics = z.strictObject({
  port: field(portName.default("metrics"), "The port that serves Prometheus' text format.", "metrics"),
  path: field(absolutePath.default("/metrics"), "The path of it.", "/metrics"),
});

const placement = z.strictObject({
  clusters: field(z.array(name).optional(), "Clusters by name; by default all.", ["eu-1"]),
  labels: field(labels.optional(), "Clusters by label; all of them must match.", { region: "eu" }),
  count: field(
    z.int().min(1).optional(),
    "How many of these clusters; which ones is told from the app's name and theirs, so that others stay when one is added.",
    3,
  ),
});

/** What an override sets of an app: any part of the patchable fields. Merged as JSON merge patches (RFC 7396). */
export const patchSchema = z.record(z.string(), z.json());

const versionSchema = field(
  patchSchema.refine((patch) => Object.keys(patch).length > 0, {
    error: "sets nothing, and so is no version",
  }),
  "What changes, as a JSON merge patch.",
  { env: { CHECKOUT: "new" } },
);

const override = z.strictObject({
  where: field(
    labels,
    "Labels of the clusters it is for, `environment` among them; all of them must match.",
    { environment: "prod", region: "eu" },
  ),
  set: field(patchSchema, "What changes there, as a JSON merge patch.", { scale: { min: 3 } }),
});

const waiver = z.strictObject({
  rule: field(z.string().min(1), "The id of the policy that is not kept.", "read-only-root"),
  reason: field(z.string().min(10), "Why, in a sentence.", "the vendor's image writes to its own folder"),
  until: field(z.iso.date(), "The last day this holds; afterwards the policy counts again.", "2027-01-31"),
});

const adjustment = z.strictObject({
  omit: field(
    z.array(z.string().min(1)).default([]),
    "Kinds of objects that are not made for this app, or one object as `Kind/name`.",
    ["PodDisruptionBudget"],
  ),
  patch: field(
    z
      .array(
        z.strictObject({
          kind: field(z.string().min(1), "The kind of the object changed.", "Deployment"),
          name: field(z.string().min(1).optional(), "Its name, where the app has several.", "web"),
          set: field(
            z.record(z.string(), z.json()),
            "A JSON merge patch on the rendered object; a map over a list patches its elements by name, `*` each of them, `$order` sorts them.",
            {
              spec: { revisionHistoryLimit: 3 },
            },
          ),
        }),
      )
      .default([]),
    "Changes of rendered objects, in order.",
    [{ kind: "Deployment", set: { spec: { revisionHistoryLimit: 3 } } }],
  ),
});

const rawObject = z.looseObject({
  apiVersion: field(z.string().min(1), "The object's group and version.", "v1"),
  kind: field(z.string().min(1), "The object's kind.", "ConfigMap"),
  metadata: field(
    z.looseObject({
      name: field(z.string().min(1), "The object's name.", "extra"),
      namespace: field(z.string().min(1).optional(), "The object's namespace.", "shop"),
    }),
    "The object's metadata.",
    { name: "extra", namespace: "shop" },
  ),
});

/** What an environment may change of an app. Everything here is a default in the sense of the design's overlays. */
const patchable = {
  image: field(
    z.string().min(1).optional(),
    "The image; either this or `source`.",
    "docker.io/library/redis:7.0.15",
  ),
  command: field(z.array(z.string()).optional(), "Replaces the image's entrypoint.", ["redis-server"]),
  args: field(z.array(z.string()).default([]), "Arguments.", ["--save", ""]),
  env: field(
    z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), envValue).default({}),
    "Environment variables: plain values, secrets and addresses by reference.",
    { LOG_LEVEL: "info" },
  ),
  config: field(
    z
      .record(z.string().regex(/^[-._a-zA-Z0-9]+$/), z.union([z.string(), z.record(z.string(), z.json())]))
      .default({}),
    "Config files, mounted read-only under /etc/landfall/config; an object is written as JSON.",
    { "faults.json": { latencyMs: 0 } },
  ),
  scale: field(scale.prefault({}), "How many pods.", { min: 2, max: 10 }),
  resources: field(resources.prefault({}), "What each pod asks for.", { cpu: "100m", memory: "128Mi" }),
  expose: field(z.array(expose).default([]), "Where it answers from outside, by Gateway API routes.", [
    { host: "shop.localhost" },
  ]),
  reaches: field(
    z.array(reach).default([]),
    "What it may reach beside the apps it calls; everything else is shut.",
    [{ to: "internet", ports: [443] }],
  ),
  slo: field(slo.optional(), "What it promises; becomes recording and alert rules.", { availability: 99.9 }),
  weights: field(
    z.record(name, z.int().min(0).max(100)).default({}),
    "Other apps that answer a share of its routes' traffic, in percent; it answers the rest itself.",
    { "web-v2": 25 },
  ),
  release: field(
    releaseSchema.optional(),
    "How a new version takes the old one's place; by default pod by pod.",
    { canary: { steps: [10, 25, 50] } },
  ),
  adjust: field(
    adjustment.prefault({}),
    "Where its objects differ from what is made of an app; the way out when a field is missing here.",
    { omit: ["PodDisruptionBudget"] },
  ),
};

const fixed = {
  source: field(
    z.union([relativePath, source]).optional(),
    "The folder landfall builds the image from.",
    "services/cart",
  ),
  recipe: field(debianImage.optional(), "How to make `image` where it cannot be pulled.", {
    debian: ["redis-server"],
    version: "7.0.15",
  }),
  namespace: field(name.optional(), "The namespace; by default the company's name.", "payments"),
  labels: field(labels.default({}), "Labels to choose it by.", { tier: "web" }),
  ports: field(
    z.record(portName, z.union([port, portSchema])).default({}),
    "Ports by name; a number is short for that port. The protocol is told from the name where it is http, grpc or metrics, else tcp.",
    { http: 8080 },
  ),
  metrics: field(
    z.union([metrics, z.literal(false)]).optional(),
    "Where metrics are; by default the port `metrics`.",
    {
      port: "metrics",
    },
  ),
  calls: field(z.array(name).default([]), "The apps it calls: becomes env, network policy and graph edges.", [
    "cart",
  ]),
  after: field(
    z.array(name).default([]),
    "Apps that must be healthy before this one is rolled out; no cycles.",
    ["redis"],
  ),
  probes: field(
    z
      .strictObject({
        live: field(
          probe.optional(),
          "Restarts the pod when it fails, so it must ask nothing of other apps; by default a connection to the readiness probe's port.",
          {
            http: "/healthz",
          },
        ),
        ready: field(
          probe.optional(),
          "Takes traffic away when it fails; by default the liveness probe, else a connection to the first port.",
          {
            http: "/readyz",
          },
        ),
        startSeconds: field(z.int().min(5).max(3600).default(60), "How long the start may take.", 60),
      })
      .prefault({}),
    "How its health is asked.",
    { ready: { http: "/readyz" } },
  ),
  volumes: field(
    z.record(name, volume).default({}),
    "Volumes by name; a lasting one makes it a StatefulSet, one at `/tmp` takes the place of the 64 MiB there.",
    {
      data: { path: "/data", size: "1Gi" },
    },
  ),
  disruption: field(
    z
      .strictObject({
        maxUnavailable: field(z.int().min(1).default(1), "Pods that may be away by will at once.", 1),
      })
      .prefault({}),
    "The disruption budget.",
    { maxUnavailable: 1 },
  ),
  drainSeconds: field(
    z.int().min(0).max(300).default(5),
    "Wait before SIGTERM, so that routes forget the pod.",
    5,
  ),
  on: field(placement.prefault({}), "The clusters it runs on; by default all.", { clusters: ["eu-1"] }),
  versions: field(
    z
      .record(
        z.string().regex(/^[A-Za-z0-9][\w.-]{0,62}$/, "must be a name such as 2.1 or bad"),
        versionSchema,
      )
      .default({}),
    "Versions by name, each as what changes then; `landfall release start <app> --version <name>` sets one.",
    { next: { env: { CHECKOUT: "new" } } },
  ),
  waive: field(z.array(waiver).default([]), "Policies it does not keep, each with a reason and an end.", [
    { rule: "read-only-root", reason: "the vendor's image writes to its own folder", until: "2027-01-31" },
  ]),
  raw: field(z.array(rawObject).default([]), "Kubernetes objects applied beside the app as they are.", [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra", namespace: "shop" } },
  ]),
};

export const patchableKeys = Object.keys(patchable) as (keyof typeof patchable)[];

export const appSchema = z.strictObject({
  ...patchable,
  ...fixed,
  overrides: field(z.array(override).default([]), "Changes on some of its clusters, applied in order.", [
    { where: { environment: "prod" }, set: { scale: { min: 3, max: 12 } } },
  ]),
});

export type AppSpec = z.output<typeof appSchema>;
export type AppSpecInput = z.input<typeof appSchema>;
export type EnvValue = z.output<typeof envValue>;
export type Probe = z.output<typeof probe>;
export type PatchInput = z.input<z.ZodObject<typeof patchable>>;
