import { join } from "node:path";
import { capSysResource, lacksCapability } from "../machine/capabilities.ts";
import { isOverlay } from "../machine/disk.ts";
import { type Component, type ComponentContext, cidrs, configJson, program } from "./component.ts";

/** Paths inside the cluster's private view of the machine, the same in every cluster. */
export const containerdPaths = {
  root: "/var/lib/containerd",
  state: "/run/containerd",
  socket: "/run/containerd/containerd.sock",
};

/** The image archive of {@link pauseImage} in the cluster's configuration folder. */
export const pauseArchiveName = "pause.tar";

/** The image of the process that holds a pod's namespaces; imported before the kubelet starts. */
export const pauseImage = "landfall.local/pause:1";

function quoted(values: string[]): string {
  return `[${values.map((v) => JSON.stringify(v)).join(", ")}]`;
}

/** Version 2 of the grammar: containerd 1.6 and 1.7 know no other, 2.x reads it too. */
function configToml(cx: ComponentContext): string {
  const snapshotter = isOverlay(cx.layout.data) ? "native" : "overlayfs";
  const unused = ["aufs", "btrfs", "devmapper", "zfs"].map((name) => `io.containerd.snapshotter.v1.${name}`);
  return `version = 2
root = "${containerdPaths.root}"
state = "${containerdPaths.state}"
disabled_plugins = ${quoted([...unused, "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"])}

[grpc]
  address = "${containerdPaths.socket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${containerdPaths.root}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = ${lacksCapability(capSysResource)}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${cx.state.binaries.cni ?? "/usr/lib/cni"}"
  conf_dir = "${join(cx.layout.config, "cni")}"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${join(cx.layout.folder, "containerd", "certs.d")}"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "${snapshotter}"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = "${program(cx, "runc")}"
  SystemdCgroup = false
`;
}

/**
 * Each pod hangs on a point-to-point link of its own instead of a shared bridge: all its traffic is
 * routed, so that service translation works between two pods of one node without br_netfilter.
 * Leases lie on the private /run: they end with the containers they belong to.
 */
function cniConfig(): string {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: cidrs.pods }]],
    routes: [{ dst: "0.0.0.0/0" }],
    dataDir: "/run/cni/networks",
  };
  return configJson({
    cniVersion: "0.4.0",
    name: "landfall",
    plugins: [
      { type: "ptp", ipMasq: true, ipam },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  });
}

/** containerd with root, state, socket and CNI configuration of its own. */
export function containerd(cx: ComponentContext): Component {
  const config = join(cx.layout.config, "containerd.toml");
  return {
    process: {
      name: "containerd",
      command: program(cx, "containerd"),
      args: ["--config", config, "--log-level", "warn"],
      netns: true,
      dependsOn: [],
      health: {
        kind: "exec",
        command: program(cx, "ctr"),
        args: ["--address", containerdPaths.socket, "--connect-timeout", "2s", "version"],
      },
      prepare: [
        {
          command: program(cx, "ctr"),
          args: [
            ...["--address", containerdPaths.socket, "--namespace", "k8s.io", "images", "import"],
            join(cx.layout.config, pauseArchiveName),
          ],
        },
      ],
    },
    files: [
      { path: config, content: configToml(cx) },
      { path: join(cx.layout.config, "cni", "10-landfall.conflist"), content: cniConfig() },
    ],
  };
}
