import { z } from "zod";
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
const secretRef = z.strictObject({
  secret: field(name, "The secret's name, as declared under `secrets`.", "stripe"),
  key: field(z.string().default("value"), "The key inside the secret.", "api-key"),
});

/** Where a called app answers, as `host:port`. */
const addressRef = z.strictObject({
  address: field(name, "The app whose address is meant.", "redis"),
  port: field(portName.optional(), "The app's port; by default its first.", "grpc"),
});

export const envValue = z.union([z.string(), z.number(), z.boolean(), secretRef, addressRef]);

export const portSchema = z.strictObject({
  port: field(port, "The port the container listens on.", 8080),
  protocol: field(
    z.enum(["http", "grpc", "tcp"]).default("http"),
    "What is spoken on it; routes, probes and metrics follow from it.",
    "grpc",
  ),
});

export const probe = z.union([
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

export const source = z.strictObject({
  path: field(relativePath, "The folder of the app's source.", "services/cart"),
  shared: field(z.array(relativePath).default([]), "Folders copied beside it, paths kept.", ["proto"]),
  language: field(
    z.enum(["go", "node", "python", "static"]).optional(),
    "How to build it; by default told from go.mod, package.json or requirements.txt.",
    "go",
  ),
});

export const debianImage = z.strictObject({
  debian: field(z.array(z.string()).min(1), "Debian packages the image is made of.", ["redis-server"]),
  version: field(z.string(), "The version these packages give, as the upstream counts it.", "7.0.15"),
});

export const expose = z.strictObject({
  host: field(
    hostname,
    "The host name; it must be unique in a cluster together with the path.",
    "shop.localhost",
  ),
  path: field(absolutePath.default("/"), "The path prefix.", "/api"),
  port: field(portName.optional(), "The app's port; by default its first http or grpc port.", "http"),
});

export const reach = z.strictObject({
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

export const resources = z.strictObject({
  cpu: field(cpu.default("50m"), "CPU requested per pod.", "100m"),
  memory: field(bytes.default("64Mi"), "Memory requested per pod.", "128Mi"),
  memoryLimit: field(bytes.optional(), "Memory limit per pod; by default twice the request.", "256Mi"),
});

export const scale = z.strictObject({
  min: field(z.int().min(1).default(1), "The fewest pods.", 2),
  max: field(z.int().min(1).default(1), "The most pods; above `min` an autoscaler is made.", 10),
  cpu: field(z.int().min(1).max(100).default(70), "The CPU use, in percent of the request, to scale at.", 70),
});

export const volume = z.strictObject({
  path: field(absolutePath, "Where it is mounted.", "/data"),
  size: field(bytes, "Its size; an ephemeral volume's limit.", "1Gi"),
  ephemeral: field(z.boolean().default(false), "Lives and dies with the pod.", true),
  storageClass: field(z.string().optional(), "The storage class; by default the cluster's.", "fast"),
});

export const slo = z.strictObject({
  availability: field(z.number().gt(0).lt(100).default(99.9), "Percent of requests that must succeed.", 99.9),
  latency: field(duration.default("500ms"), "What 99 % of requests must stay below.", "300ms"),
});

export const metrics = z.strictObject({
  port: field(portName.default("metrics"), "The port that serves Prometheus' text format.", "metrics"),
  path: field(absolutePath.default("/metrics"), "The path of it.", "/metrics"),
});

export const placement = z.strictObject({
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

export const versionSchema = field(
  patchSchema.refine((patch) => Object.keys(patch).length > 0, {
    error: "sets nothing, and so is no version",
  }),
  "What changes, as a JSON merge patch.",
  { env: { CHECKOUT: "new" } },
);

export const override = z.strictObject({
  where: field(
    labels,
    "Labels of the clusters it is for, `environment` among them; all of them must match.",
    { environment: "prod", region: "eu" },
  ),
  set: field(patchSchema, "What changes there, as a JSON merge patch.", { scale: { min: 3 } }),
});

export const waiver = z.strictObject({
  rule: field(z.string().min(1), "The id of the policy that is not kept.", "read-only-root"),
  reason: field(z.string().min(10), "Why, in a sentence.", "the vendor's image writes to its own folder"),
  until: field(z.iso.date(), "The last day this holds; afterwards the policy counts again.", "2027-01-31"),
});

export const adjustment = z.strictObject({
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

export const rawObject = z.looseObject({
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
