import { type Program, release, set } from "../program.ts";

/** As it is released; the Go module counts the same release as v0.313.5. */
const prometheusVersion = "3.13.5";

/**
 * What Prometheus' programs say of themselves by `--version` and in their build info metric. Branch, revision and
 * date stay unknown: a module does not tell them, and a date would make every build another.
 */
const prometheusLdflags = (version: string): string[] => [
  set("github.com/prometheus/common/version.Version", version),
  set("github.com/prometheus/common/version.BuildUser", "landfall"),
];

/** Leaves out every discovery but Kubernetes', and with them the cloud providers' libraries. */
const kubernetesDiscovery = ["remove_all_sd", "enable_kubernetes_sd"];

export const prometheusPrograms: readonly Program[] = [
  {
    // Debian's has no Kubernetes service discovery. Of the discoveries this one has no other; and no web pages.
    name: "prometheus",
    module: "prometheus",
    package: "github.com/prometheus/prometheus/cmd/prometheus",
    version: prometheusVersion,
    tag: `v${prometheusVersion}`,
    ldflags: prometheusLdflags(prometheusVersion),
    tags: kubernetesDiscovery,
    aliases: [],
    kind: "image",
  },
  {
    // Judges what our Prometheus would run, so it is built of the same packages.
    name: "promtool",
    module: "prometheus",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    version: prometheusVersion,
    tag: `v${prometheusVersion}`,
    ldflags: prometheusLdflags(prometheusVersion),
    tags: kubernetesDiscovery,
    aliases: [],
    kind: "host",
    os: "any",
    versionArgs: ["--version"],
    download: release(
      "prometheus/prometheus",
      "prometheus-{version}.{os}-{arch}.tar.gz",
      "sha256sums.txt",
      "prometheus-{version}.{os}-{arch}/promtool",
    ),
  },
  {
    name: "node-exporter",
    module: "prometheus",
    package: "github.com/prometheus/node_exporter",
    version: "1.9.1",
    tag: "v1.9.1",
    ldflags: prometheusLdflags("1.9.1"),
    aliases: [],
    kind: "image",
  },
];
