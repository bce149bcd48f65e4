import { z } from "zod";
import { appSchema } from "./app.ts";
import { patchSchema } from "./app-fields.ts";
import { duration, field, hostname, labels, name, port, relativePath } from "./values.ts";
import { releasesSchema, waveSchema } from "./waves.ts";

/** Where a cluster is reached from outside, and what it gets of the names that clusters share. */
const dns = z.strictObject({
  addresses: field(
    z.array(z.union([z.ipv4(), z.ipv6(), hostname])).default([]),
    "Where its gateway is reached; by default what the Gateway's status says.",
    ["192.0.2.10"],
  ),
  weight: field(
    z.int().min(0).max(1000).default(1),
    "Its share of a name, beside the weights of the other clusters that have it; 0 is a standby.",
    3,
  ),
  probe: field(
    z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
    "What must answer below 500 for the cluster to be well; by default anything that its gateway answers.",
    "http://192.0.2.10/healthz",
  ),
});
const dnsField = field(dns.prefault({}), "How DNS leads to it.", { weight: 3 });

const localCluster = z.strictObject({
  type: z.literal("local").meta({
    description: "A real Kubernetes on this machine, brought up by `landfall up`.",
    examples: ["local"],
  }),
  environment: field(name.optional(), "The environment it belongs to.", "dev"),
  labels: field(labels.default({}), "Labels to place apps and waves by.", { region: "eu" }),
  ports: field(
    z
      .strictObject({
        api: field(
          port.optional(),
          "The Kubernetes API on loopback; by default a free one, remembered.",
          6443,
        ),
        http: field(port.default(8080), "The gateway's HTTP on loopback.", 8080),
        https: field(port.default(8443), "The gateway's HTTPS on loopback.", 8443),
      })
      .prefault({}),
    "Ports of this machine's loopback that lead into the cluster.",
    { http: 8080 },
  ),
  dns: dnsField,
});

const kubernetesCluster = z.strictObject({
  type: z
    .literal("kubernetes")
    .meta({ description: "A Kubernetes that exists, by its kubeconfig context.", examples: ["kubernetes"] }),
  context: field(z.string().min(1), "The context in the kubeconfig.", "prod-eu"),
  environment: field(name.optional(), "The environment it belongs to.", "prod"),
  labels: field(labels.default({}), "Labels to place apps and waves by.", { region: "eu" }),
  dns: dnsField,
});

export const clusterSchema = z.discriminatedUnion("type", [localCluster, kubernetesCluster]);

const secretSchema = z.strictObject({
  generate: field(
    z.int().min(16).max(1024).optional(),
    "Make a random value of this many characters when there is none.",
    32,
  ),
  rotate: field(duration.optional(), "How old the value may get; `status` tells when it is due.", "90d"),
});

const fleet = z.strictObject({
  url: field(
    z
      .string()
      .regex(/^(https|ssh):\/\/\S+$/, "must be an https:// or ssh:// URL")
      .optional(),
    "The fleet repo on a Git host. Without it a bare repository on this machine is used.",
    "https://git.example.com/shop/fleet.git",
  ),
  branch: field(
    z
      .string()
      .regex(
        // git-check-ref-format(1), the rules for a branch.
        /^(?![-/]|@$|HEAD$)(?!.*(\.\.|@\{|\/\/|\.lock(\/|$)|[./]$))(?!(.*\/)?\.)(?!.*[\s~^:?*[\\\u007f])[!-\uffff]+$/,
        "must be a name that Git takes for a branch",
      )
      .default("main"),
    "The branch Flux reads.",
    "main",
  ),
  path: field(relativePath.default("fleet"), "Where `build` writes the fleet's files.", "fleet"),
  secret: field(
    name.optional(),
    "The Secret in flux-system that holds the Git host's credentials.",
    "fleet-credentials",
  ),
});

/** The version of the declaration's form; `landfall migrate` rewrites older ones. */
export const formVersion = 2;

const overlay = z.strictObject({
  where: field(labels.default({}), "Labels of the clusters it is for; all of them must match.", {
    environment: "prod",
  }),
  apps: field(labels.default({}), "Labels of the apps it is for; all of them must match.", { tier: "web" }),
  set: field(patchSchema, "What changes there, as a JSON merge patch.", { scale: { min: 3 } }),
});

const rename = z.strictObject({
  from: field(name, "The name it had.", "cart"),
  to: field(name, "The app that it is now.", "basket"),
});

/** The whole declaration, as the YAML form has it and as the TypeScript form is evaluated to. */
export const companySchema = z.strictObject({
  landfall: field(z.literal(formVersion), "The version of the declaration's form.", formVersion),
  company: field(name, "The company's name; also the namespace of its apps.", "shop"),
  domain: field(
    hostname.default("localhost"),
    "The domain that parts make their host names under.",
    "shop.localhost",
  ),
  kubernetes: field(
    z.enum(["1.36"]).default("1.36"),
    "The Kubernetes version objects are checked against.",
    "1.36",
  ),
  registry: field(
    z
      .string()
      .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, "must be a registry, with or without a path")
      .default("registry.localhost"),
    "The registry, with an optional path, that images built from source are named under.",
    "registry.example.com/shop",
  ),
  fleet: field(fleet.prefault({}), "The repository landfall writes and Flux reads.", { branch: "main" }),
  environments: field(
    z
      .record(
        name,
        z.strictObject({ labels: field(labels.default({}), "Labels its clusters get.", { tier: "prod" }) }),
      )
      .default({}),
    "Environments by name.",
    { dev: {}, prod: {} },
  ),
  clusters: field(z.record(name, clusterSchema), "Clusters by name.", { local: { type: "local" } }),
  parts: field(
    z.record(name, z.record(z.string(), z.json())).default({}),
    "Parts by id with their options; each part's README lists them.",
    { prometheus: { retention: "7d" } },
  ),
  secrets: field(
    z.record(name, secretSchema).default({}),
    "Secrets by name; values are kept encrypted beside the declaration.",
    {
      stripe: { rotate: "90d" },
    },
  ),
  overlays: field(
    z.array(overlay).default([]),
    "Changes of many apps at once, applied in order before an app's own overrides.",
    [{ where: { environment: "prod" }, apps: { tier: "web" }, set: { scale: { min: 3 } } }],
  ),
  waves: field(
    z.array(waveSchema).default([]),
    "Which clusters get a release one after the other; without them all at once.",
    [
      { name: "canaries", labels: { tier: "canary" }, gates: [{ soak: "10m" }] },
      { name: "rest", rest: true },
    ],
  ),
  releases: field(releasesSchema.prefault({}), "What holds for every release.", { onFailure: "all" }),
  moved: field(
    z.array(rename).default([]),
    "Apps that were renamed: their objects keep the old name, so that nothing restarts and no volume is lost.",
    [{ from: "cart", to: "basket" }],
  ),
  include: field(
    z.array(relativePath).default([]),
    "Folders whose files declare one app each, at any depth; a YAML file is named after its app.",
    ["apps"],
  ),
  apps: field(z.record(name, appSchema).default({}), "Apps by name.", {
    web: { image: "nginx", ports: { http: 8080 } },
  }),
});

export type CompanySpec = z.output<typeof companySchema>;
export type CompanySpecInput = z.input<typeof companySchema>;
export type ClusterSpec = z.output<typeof clusterSchema>;
export type ClusterSpecInput = z.input<typeof clusterSchema>;
export type SecretSpecInput = z.input<typeof secretSchema>;
