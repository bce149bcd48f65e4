/**
 * The programs that landfall runs or puts into images: where each one's Go module is, what it is called and
 * where its makers publish it. Data only; `find.ts` and `build.ts` read it, and a new program is one entry.
 */

/** A published file. `{version}`, `{os}`, `{arch}` and `{name}` are filled in. */
export interface Download {
  url: string;
  /** A file with the SHA-256 alone, or a list of `SHA256  FILE` lines. */
  checksum: string;
  /** The member to take when the file is a `.tar.gz`. */
  member?: string;
}

export interface Program {
  name: string;
  /** The folder below `src/embedded/go`. */
  module: string;
  /** What `go build` is given, inside that folder. */
  package: string;
  /** Without a leading `v`. */
  version: string;
  /** The same version as the tag of the upstream release or image. */
  tag: string;
  /** Added to `-s -w`; sets the program's own version variables. */
  ldflags: string[];
  /** Build tags, for programs that leave parts of themselves out by them. @default none */
  tags?: string[];
  /** Other names the same binary answers to; they become symlinks beside it. */
  aliases: string[];
  /** `host`: landfall runs it; `image`: it becomes the one file of an image, so it must be static. */
  kind: "host" | "image";
  /** What it runs on. @default "linux" */
  os?: "any" | "linux";
  /** Arguments that print the version; only programs that have them are looked for on PATH. */
  versionArgs?: string[];
  download?: Download;
}

/** The version of Kubernetes that the embedded cluster runs. */
export const kubernetesVersion = "1.36.3";

const etcdVersion = "3.6.8";

/** As it is released; the Go module counts the same release as v0.313.5. */
const prometheusVersion = "3.13.5";

/** Sets a variable of the program: `-X PACKAGE.NAME=VALUE`. */
const set = (variable: string, value: string): string => `-X ${variable}=${value}`;

/** Clients read these to know what the server can do; without them no client can parse its version. */
const kubernetesLdflags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap(
  (name) => [
    set(`${name}.gitVersion`, `v${kubernetesVersion}`),
    set(`${name}.gitMajor`, kubernetesVersion.split(".")[0] ?? ""),
    set(`${name}.gitMinor`, kubernetesVersion.split(".")[1] ?? ""),
    set(`${name}.gitTreeState`, "archive"),
  ],
);

const kubernetesDownload: Download = {
  url: "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/{name}",
  checksum: "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/{name}.sha256",
};

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

/** A release file of a GitHub repository. */
function release(repository: string, file: string, checksum: string, member?: string): Download {
  const base = `https://github.com/${repository}/releases/download/v{version}`;
  return { url: `${base}/${file}`, checksum: `${base}/${checksum}`, ...(member ? { member } : {}) };
}

/** What each name of the Kubernetes binary is when it comes from elsewhere than our build. */
export const kubernetesParts: Record<string, { version: string; versionArgs: string[]; download: Download }> =
  {
    ...Object.fromEntries(
      ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"].map((name) => [
        name,
        { version: kubernetesVersion, versionArgs: ["--version"], download: kubernetesDownload },
      ]),
    ),
    kubectl: {
      version: kubernetesVersion,
      versionArgs: ["version", "--client"],
      download: kubernetesDownload,
    },
    etcd: {
      version: etcdVersion,
      versionArgs: ["--version"],
      download: release(
        "etcd-io/etcd",
        "etcd-v{version}-{os}-{arch}.tar.gz",
        "SHA256SUMS",
        "etcd-v{version}-{os}-{arch}/etcd",
      ),
    },
  };

export const programs: readonly Program[] = [
  {
    name: "kubernetes",
    module: "kubernetes",
    package: ".",
    version: kubernetesVersion,
    tag: `v${kubernetesVersion}`,
    ldflags: kubernetesLdflags,
    aliases: Object.keys(kubernetesParts),
    kind: "host",
  },
  {
    // Ours: it stands in for the sandbox image, which has nothing but such a program in it.
    name: "pause",
    module: "kubernetes",
    package: "./cmd/pause",
    version: "3.10.1",
    tag: "3.10.1",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
  {
    name: "kustomize-controller",
    module: "kubernetes",
    package: "github.com/fluxcd/kustomize-controller",
    version: "1.9.5",
    tag: "v1.9.5",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
  {
    name: "metrics-server",
    module: "kubernetes",
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
    version: "0.9.0",
    tag: "v0.9.0",
    ldflags: [set("k8s.io/client-go/pkg/version.gitVersion", "v0.9.0")],
    aliases: [],
    kind: "image",
  },
  {
    name: "kwok",
    module: "kubernetes",
    package: "sigs.k8s.io/kwok/cmd/kwok",
    version: "0.8.0",
    tag: "v0.8.0",
    ldflags: [],
    aliases: [],
    kind: "host",
    versionArgs: ["--version"],
    download: release("kubernetes-sigs/kwok", "kwok-{os}-{arch}", "kwok-{os}-{arch}.sha256sum"),
  },
  {
    name: "coredns",
    module: "controllers",
    package: "./coredns",
    version: "1.15.0",
    tag: "1.15.0",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
  {
    name: "traefik",
    module: "controllers",
    package: "github.com/traefik/traefik/v3/cmd/traefik",
    version: "3.6.12",
    tag: "v3.6.12",
    ldflags: [
      set("github.com/traefik/traefik/v3/pkg/version.Version", "3.6.12"),
      set("github.com/traefik/traefik/v3/pkg/version.Codename", "ramequin"),
    ],
    aliases: [],
    kind: "image",
  },
  {
    name: "local-path-provisioner",
    module: "controllers",
    package: "github.com/rancher/local-path-provisioner",
    version: "0.0.30",
    tag: "v0.0.30",
    ldflags: [set("main.VERSION", "v0.0.30")],
    aliases: [],
    kind: "image",
  },
  {
    name: "flagger",
    module: "flagger",
    package: "github.com/fluxcd/flagger/cmd/flagger",
    version: "1.36.1",
    tag: "1.36.1",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
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
  {
    name: "helm",
    module: "tools",
    package: "helm.sh/helm/v3/cmd/helm",
    version: "3.22.0",
    tag: "v3.22.0",
    ldflags: [set("helm.sh/helm/v3/internal/version.version", "v3.22.0")],
    aliases: [],
    kind: "host",
    os: "any",
    versionArgs: ["version", "--template", "{{.Version}}"],
    download: {
      url: "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz",
      checksum: "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum",
      member: "{os}-{arch}/helm",
    },
  },
  {
    name: "sops",
    module: "tools",
    package: "github.com/getsops/sops/v3/cmd/sops",
    version: "3.13.3",
    tag: "v3.13.3",
    ldflags: [],
    aliases: [],
    kind: "host",
    os: "any",
    versionArgs: ["--version", "--disable-version-check"],
    download: release("getsops/sops", "sops-v{version}.{os}.{arch}", "sops-v{version}.checksums.txt"),
  },
  {
    name: "kubeconform",
    module: "tools",
    package: "github.com/yannh/kubeconform/cmd/kubeconform",
    version: "0.8.0",
    tag: "v0.8.0",
    ldflags: [set("main.version", "v0.8.0")],
    aliases: [],
    kind: "host",
    os: "any",
    versionArgs: ["-v"],
    download: release("yannh/kubeconform", "kubeconform-{os}-{arch}.tar.gz", "CHECKSUMS", "kubeconform"),
  },
];

/** The program that answers to a name, its own or an alias. */
export function findProgram(name: string): Program | undefined {
  return programs.find((program) => program.name === name || program.aliases.includes(name));
}
