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
import { kwokStages } from "./kwok-stages.ts";

/** kwok plays the kubelet of every node: pods become Running, nothing runs. */
export function kwok(cx: ComponentContext): Component {
  const kubeconfig = componentKubeconfig(cx, "admin");
  const config = join(cx.layout.config, "kwok.yaml");
  const port = nodePort(cx, "kwok");
  return {
    process: {
      name: "kwok",
      command: program(cx, "kwok"),
      args: flags({
        config,
        kubeconfig: kubeconfig.path,
        "manage-all-nodes": true,
        "node-ip": "127.0.0.1",
        "node-name": cx.state.nodeName,
        "node-port": port,
        "server-address": `127.0.0.1:${port}`,
        cidr: cidrs.pods,
        // Leases instead of status updates: the node stays Ready without a write every few seconds.
        "node-lease-duration-seconds": 40,
      }),
      netns: false,
      dependsOn: ["kube-apiserver"],
      health: { kind: "http", url: `http://127.0.0.1:${port}/healthz` },
    },
    files: [kubeconfig, { path: config, content: kwokStages.map(configJson).join("---\n") }],
  };
}
