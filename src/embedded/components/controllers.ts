import { join } from "node:path";
import { type Component, type ComponentContext, flags, nodePort, program } from "./component.ts";
import { componentKubeconfig } from "./kubeconfig.ts";

/** What the controller manager and the scheduler have in common. */
function controlPlane(
  cx: ComponentContext,
  name: string,
  user: string,
  own: Record<string, string | number | boolean>,
): Component {
  const pki = (file: string) => join(cx.layout.pki, file);
  const kubeconfig = componentKubeconfig(cx, user);
  const port = nodePort(cx, name);
  return {
    process: {
      name,
      command: program(cx, name),
      args: flags({
        kubeconfig: kubeconfig.path,
        "authentication-kubeconfig": kubeconfig.path,
        "authorization-kubeconfig": kubeconfig.path,
        "bind-address": cx.state.nodeIp,
        "secure-port": port,
        "tls-cert-file": pki("serving.crt"),
        "tls-private-key-file": pki("serving.key"),
        // There is one of each, and it must not wait for the lease of the one that was killed.
        "leader-elect": false,
        profiling: false,
        ...own,
      }),
      netns: true,
      dependsOn: ["kube-apiserver"],
      health: {
        kind: "http",
        url: `https://${cx.state.nodeIp}:${port}/healthz`,
        tls: { ca: pki("ca.crt") },
      },
    },
    files: [kubeconfig],
  };
}

/** kube-controller-manager with a service account for each controller. */
export function controllerManager(cx: ComponentContext): Component {
  const pki = (file: string) => join(cx.layout.pki, file);
  return controlPlane(cx, "kube-controller-manager", "controller-manager", {
    "cluster-name": `landfall-${cx.state.spec.name}`,
    "use-service-account-credentials": true,
    // With the default (20 a second) making each controller's account and token takes 5 s of every start.
    "kube-api-qps": 300,
    "kube-api-burst": 600,
    "service-account-private-key-file": pki("sa.key"),
    "root-ca-file": pki("ca.crt"),
    "cluster-signing-cert-file": pki("ca.crt"),
    "cluster-signing-key-file": pki("ca.key"),
    // One node: its pod range is fixed in the CNI configuration.
    "allocate-node-cidrs": false,
  });
}

/** kube-scheduler with its defaults. */
export function scheduler(cx: ComponentContext): Component {
  return controlPlane(cx, "kube-scheduler", "scheduler", {});
}
