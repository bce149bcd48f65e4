import { type Download, type Program, release, set } from "../program.ts";

/** The version of Kubernetes that the embedded cluster runs. */
export const kubernetesVersion = "1.36.3";

const etcdVersion = "3.6.8";

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

export const kubernetesPrograms: readonly Program[] = [
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
];
