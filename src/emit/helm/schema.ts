import { z } from "zod";
import { field } from "../../model/values.ts";

const count = z.int().min(0);
const portNumber = z.int().min(1).max(65535);
const text = z.string();
const kubernetes = z.record(text, z.json());

const port = z.strictObject({
  name: field(text, "Its name; `metrics` is for the metrics store alone.", "http"),
  port: field(portNumber, "The port the container listens on.", 8080),
  protocol: field(z.enum(["http", "grpc", "tcp"]), "What is spoken on it.", "http"),
});

const otherApp = {
  name: field(text, "The app's name.", "cart"),
  namespace: field(text, "The app's namespace.", "shop"),
};

const pods = z.strictObject({
  namespace: field(text, "Their namespace.", "traefik"),
  labels: field(z.record(text, text), "Their labels.", { "landfall.dev/part": "traefik" }),
});

const image = z.strictObject({
  repository: field(text, "The image without tag and digest.", "ghcr.io/shop/cart"),
  tag: field(text.optional(), "The tag.", "1.4.2"),
  digest: field(text.optional(), "The digest.", "sha256:4bf5…"),
  pullPolicy: field(z.enum(["IfNotPresent", "Always", "Never"]).optional(), "When it is pulled.", "Always"),
});

const autoscaling = z.strictObject({
  enabled: field(z.boolean(), "Whether an autoscaler drives the number of pods.", true),
  minReplicas: field(count.optional(), "The fewest pods.", 2),
  maxReplicas: field(count.optional(), "The most pods.", 10),
  targetCPUUtilizationPercentage: field(count.optional(), "The CPU use, in percent of the request.", 70),
});

const volume = z.strictObject({
  path: field(text, "Where it is mounted.", "/data"),
  size: field(text, "Its size; an ephemeral volume's limit.", "1Gi"),
  ephemeral: field(z.boolean().optional(), "Lives and dies with the pod.", true),
  storageClass: field(text.optional(), "The storage class; by default the cluster's.", "fast"),
});

const backend = z.strictObject({
  name: field(text, "The Service's name.", "web-v2"),
  namespace: field(text.optional(), "The Service's namespace, where it is another.", "shop"),
  port: field(portNumber, "The Service's port.", 8080),
  weight: field(count, "Its share of the traffic.", 25),
});

const route = z.strictObject({
  host: field(text, "The host name.", "shop.example.com"),
  path: field(text, "The path prefix.", "/"),
  port: field(text, "The app's port, by name.", "http"),
  backends: field(z.array(backend).optional(), "Who answers, where it is not the app alone.", []),
});

const patch = z.strictObject({
  kind: field(text, "The kind of the object changed.", "Deployment"),
  name: field(text.optional(), "Its name, where there are several.", "web"),
  set: field(kubernetes, "A JSON merge patch; a map on a list names its elements.", {
    spec: { revisionHistoryLimit: 3 },
  }),
});

const adjust = z.strictObject({
  omit: field(z.array(text).optional(), "Kinds, or kind/name, that are not made.", ["PodDisruptionBudget"]),
  patch: field(z.array(patch).optional(), "Changes of the objects, in order.", []),
});

/** No gateway, no metrics: an empty map, as Helm's defaults have it. */
const orEmpty = <S extends z.ZodObject>(schema: S) => z.union([z.strictObject({}), schema]);

const platform = z.strictObject({
  gateway: field(
    orEmpty(
      z.strictObject({
        name: field(text, "The Gateway's name.", "gateway"),
        namespace: field(text, "The Gateway's namespace.", "traefik"),
        pods: field(pods, "The pods that forward its traffic.", {}),
      }),
    ).optional(),
    "The Gateway that routes attach to; without one there are no routes.",
    {},
  ),
  metricsStore: field(
    orEmpty(z.strictObject({ pods: field(pods, "Its pods.", {}) })).optional(),
    "Who scrapes metrics.",
    {},
  ),
  dns: field(
    z
      .strictObject({
        to: field(z.array(kubernetes), "Peers of a network policy.", []),
        ports: field(z.array(portNumber), "The ports they listen on.", [53]),
      })
      .optional(),
    "Where the pods ask for names.",
    {},
  ),
});

/** The values of the generic chart; the types of what is exported and `values.schema.json` are both made of it. */
export const valuesSchema = z.strictObject({
  global: z.json().optional(),
  enabled: field(z.boolean().optional(), "Whether a chart that depends on this one brings it.", true),
  name: field(text.optional(), "The name of all objects; by default the release's.", "cart"),
  namespace: field(text.optional(), "Their namespace; by default the release's.", "shop"),
  image: field(image, "The image pods run.", { repository: "ghcr.io/shop/cart", tag: "1.4.2" }),
  command: field(z.array(text).optional(), "Replaces the image's entrypoint.", ["redis-server"]),
  args: field(z.array(text).optional(), "Arguments.", ["--save", ""]),
  replicas: field(count.optional(), "The number of pods, where no autoscaler drives it.", 2),
  autoscaling: field(autoscaling.optional(), "Scaling by CPU use.", { enabled: true }),
  ports: field(z.array(port).optional(), "Ports in order.", []),
  env: field(
    z.record(text, z.union([text, kubernetes])).optional(),
    "Environment variables: a string, or where the value comes from.",
    { LOG_LEVEL: "info", API_KEY: { secretKeyRef: { name: "stripe", key: "value" } } },
  ),
  config: field(z.record(text, text).optional(), "Text files by name, under /etc/landfall/config.", {
    "app.json": "{}",
  }),
  resources: field(kubernetes.optional(), "What each pod asks for, as Kubernetes has it.", {
    requests: { cpu: "50m", memory: "64Mi" },
  }),
  startupProbe: field(kubernetes.optional(), "When the start is done.", {}),
  livenessProbe: field(kubernetes.optional(), "Restarts the pod when it fails.", {}),
  readinessProbe: field(kubernetes.optional(), "Takes traffic away when it fails.", {}),
  drainSeconds: field(count.optional(), "Wait before SIGTERM.", 5),
  volumes: field(z.record(text, volume).optional(), "Volumes by name; a lasting one makes a StatefulSet.", {
    data: { path: "/data", size: "1Gi" },
  }),
  podDisruptionBudget: field(
    z.strictObject({ maxUnavailable: field(count, "Pods that may be away by will at once.", 1) }).optional(),
    "The disruption budget.",
    { maxUnavailable: 1 },
  ),
  podAnnotations: field(z.record(text, text).optional(), "Annotations of the pods.", {
    "example.com/team": "checkout",
  }),
  released: field(
    z.boolean().optional(),
    "Whether a canary controller makes its Service, route and primary; what tells it how is in `extraObjects`.",
    true,
  ),
  metrics: field(
    orEmpty(
      z.strictObject({
        port: field(portNumber, "The port.", 9464),
        path: field(text, "The path.", "/metrics"),
      }),
    ).optional(),
    "Where Prometheus' text is served.",
    {},
  ),
  expose: field(z.array(route).optional(), "Where it answers from outside.", []),
  answersForOthers: field(z.boolean().optional(), "Whether routes of other apps give it a share.", true),
  calls: field(
    z
      .array(z.strictObject({ ...otherApp, ports: field(z.array(port), "The ports it is called at.", []) }))
      .optional(),
    "The apps it calls: addresses in the environment, and edges of the network policy.",
    [],
  ),
  callers: field(z.array(z.strictObject(otherApp)).optional(), "The apps that may call it.", []),
  reaches: field(
    z
      .array(
        z.strictObject({
          to: field(text, "`internet`, `gateway`, or a network as a CIDR.", "203.0.113.0/24"),
          ports: field(z.array(portNumber), "TCP ports; of the gateway all.", [443]),
        }),
      )
      .optional(),
    "What it may reach beside the apps it calls.",
    [],
  ),
  platform: field(platform.optional(), "What the cluster offers.", {}),
  extraObjects: field(z.array(kubernetes).optional(), "Kubernetes objects beside the app, as they are.", []),
  adjust: field(adjust.optional(), "Where its objects differ from what is made of it.", {}),
});

export type ChartValues = z.input<typeof valuesSchema>;

/** `values.schema.json`: Helm holds all values against it. */
export function valuesJsonSchema(): string {
  const schema = z.toJSONSchema(valuesSchema, { target: "draft-7", io: "input" });
  return `${JSON.stringify({ ...schema, title: "Values of the chart app" }, null, 2)}\n`;
}
