import { join } from "node:path";
import { capSysResource, lacksCapability } from "../machine/capabilities.ts";
import {
  type Component,
  type ComponentContext,
  cidrs,
  configJson,
  flags,
  nodePort,
  program,
} from "./component.ts";
import { containerdPaths } from "./containerd.ts";
import { componentKubeconfig } from "./kubeconfig.ts";

/** The lowest the system lets these processes go; without the capability any lowering is refused. */
export function oomScore(wished: number): number {
  return lacksCapability(capSysResource) ? 0 : wished;
}

function kubeletConfig(cx: ComponentContext): string {
  const pki = (file: string) => join(cx.layout.pki, file);
  return configJson({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: cx.state.nodeIp,
    port: nodePort(cx, "kubelet"),
    readOnlyPort: 0,
    healthzBindAddress: cx.state.nodeIp,
    healthzPort: nodePort(cx, "kubelet-health"),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki("ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: pki("kubelet.crt"),
    tlsPrivateKeyFile: pki("kubelet.key"),
    containerRuntimeEndpoint: `unix://${containerdPaths.socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cx.state.cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [cidrs.dns],
    clusterDomain: cidrs.domain,
    resolvConf: join(cx.layout.config, "resolv.conf"),
    maxPods: 110,
    podPidsLimit: 4096,
    serializeImagePulls: false,
    maxParallelImagePulls: 4,
    syncFrequency: "10s",
    nodeStatusUpdateFrequency: "5s",
    configMapAndSecretChangeDetectionStrategy: "Watch",
    // Developers' disks are often nearly full; real trouble begins much later than a server's defaults.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
      "imagefs.inodesFree": "1%",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    oomScoreAdj: oomScore(-999),
    rotateCertificates: false,
    // A pod with a long grace period must not hold up the cluster's own restart.
    shutdownGracePeriod: "0s",
    shutdownGracePeriodCriticalPods: "0s",
  });
}

/** kubelet: one node, named after the cluster, its root folder in the private view of the machine. */
export function kubelet(cx: ComponentContext): Component {
  const config = join(cx.layout.config, "kubelet.json");
  const kubeconfig = componentKubeconfig(cx, "kubelet");
  return {
    process: {
      name: "kubelet",
      command: program(cx, "kubelet"),
      args: flags({
        config,
        kubeconfig: kubeconfig.path,
        "hostname-override": cx.state.nodeName,
        "node-ip": cx.state.nodeIp,
        "root-dir": "/var/lib/kubelet",
      }),
      netns: true,
      dependsOn: ["kube-apiserver", "containerd"],
      health: { kind: "http", url: `http://${cx.state.nodeIp}:${nodePort(cx, "kubelet-health")}/healthz` },
    },
    files: [
      kubeconfig,
      { path: config, content: kubeletConfig(cx) },
      // Nothing of the host's name servers: the cluster's own DNS answers, and forwards nowhere by default.
      { path: join(cx.layout.config, "resolv.conf"), content: "# no name server beyond the cluster\n" },
    ],
  };
}
