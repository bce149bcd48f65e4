import { join } from "node:path";
import {
  type Component,
  type ComponentContext,
  cidrs,
  configJson,
  flags,
  nodePort,
  program,
} from "./component.ts";
import { componentKubeconfig } from "./kubeconfig.ts";
import { oomScore } from "./kubelet.ts";

/** kube-proxy in iptables mode; its rules live and die with the cluster's network namespace. */
export function kubeProxy(cx: ComponentContext): Component {
  const config = join(cx.layout.config, "kube-proxy.json");
  const kubeconfig = componentKubeconfig(cx, "kube-proxy");
  const health = nodePort(cx, "kube-proxy-health");
  const content = configJson({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    bindAddress: cx.state.nodeIp,
    healthzBindAddress: `${cx.state.nodeIp}:${health}`,
    metricsBindAddress: `${cx.state.nodeIp}:${nodePort(cx, "kube-proxy-metrics")}`,
    clientConnection: { kubeconfig: kubeconfig.path },
    clusterCIDR: cidrs.pods,
    hostnameOverride: cx.state.nodeName,
    oomScoreAdj: oomScore(-999),
    iptables: { minSyncPeriod: "200ms", syncPeriod: "30s", localhostNodePorts: false },
    // The connection table is the whole machine's: leave its limits alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  });
  return {
    process: {
      name: "kube-proxy",
      command: program(cx, "kube-proxy"),
      args: flags({ config }),
      netns: true,
      dependsOn: ["kube-apiserver", "kubelet"],
      health: { kind: "http", url: `http://${cx.state.nodeIp}:${health}/livez` },
    },
    files: [kubeconfig, { path: config, content }],
  };
}
