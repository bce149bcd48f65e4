import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ComponentContext, type ConfigFile, configJson, nodePort } from "./component.ts";

/** A kubeconfig with everything inside, for the holder of certificate `user` at `server`. */
export function kubeconfig(pki: string, user: string, server: string, cluster: string): string {
  const inline = (file: string) => readFileSync(join(pki, file)).toString("base64");
  const name = `landfall-${cluster}`;
  return configJson({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": inline("ca.crt") } }],
    users: [
      {
        name,
        user: {
          "client-certificate-data": inline(`${user}.crt`),
          "client-key-data": inline(`${user}.key`),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/** The API server as the cluster's own programs reach it. */
export function internalServer(cx: ComponentContext): string {
  return `https://${cx.state.nodeIp}:${nodePort(cx, "api")}`;
}

/** The kubeconfig file of one of the cluster's own programs. */
export function componentKubeconfig(cx: ComponentContext, user: string): ConfigFile {
  return {
    path: join(cx.layout.config, `${user}.kubeconfig`),
    content: kubeconfig(cx.layout.pki, user, internalServer(cx), cx.state.spec.name),
  };
}
