import { type Component, type ComponentContext, flags, nodePort, program } from "./component.ts";
import { componentKubeconfig } from "./kubeconfig.ts";

/** kwok plays the kubelet of every node: pods become Running, nothing runs. */
export function kwok(cx: ComponentContext): Component {
  const kubeconfig = componentKubeconfig(cx, "admin");
  const port = nodePort(cx, "kwok");
  return {
    process: {
      name: "kwok",
      command: program(cx, "kwok"),
      args: flags({
        kubeconfig: kubeconfig.path,
        "manage-all-nodes": true,
        "node-ip": "127.0.0.1",
        "node-name": cx.state.nodeName,
        "node-port": port,
        "server-address": `127.0.0.1:${port}`,
        cidr: "10.244.0.0/16",
      }),
      netns: false,
      dependsOn: ["kube-apiserver"],
      health: { kind: "http", url: `http://127.0.0.1:${port}/healthz` },
    },
    files: [kubeconfig],
  };
}
