import { z } from "zod";
import {
  adjustment,
  debianImage,
  envValue,
  expose,
  metrics,
  override,
  placement,
  portSchema,
  probe,
  rawObject,
  reach,
  resources,
  scale,
  slo,
  source,
  versionSchema,
  volume,
  waiver,
} from "./app-fields.ts";
import { releaseSchema } from "./app-release.ts";
import { field, labels, name, port, portName, relativePath } from "./values.ts";

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
