import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import {
  type Component,
  type ComponentContext,
  cidrs,
  configJson,
  flags,
  nodePort,
  program,
} from "./component.ts";

/** The key that Secrets are encrypted with in etcd. It must outlive restarts, so it lies with the data. */
function encryptionKey(cx: ComponentContext): string {
  const path = join(cx.layout.data, "secrets.key");
  if (!existsSync(path)) writeFileAtomic(path, randomBytes(32).toString("base64"), 0o600);
  return readFileSync(path, "utf8").trim();
}

function encryptionConfig(cx: ComponentContext): string {
  const providers = [
    { secretbox: { keys: [{ name: "key1", secret: encryptionKey(cx) }] } },
    { identity: {} },
  ];
  return configJson({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers }],
  });
}

/** Whoever has no certificate and no token may only ask whether the server is healthy. */
const authenticationConfig = configJson({
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AuthenticationConfiguration",
  anonymous: { enabled: true, conditions: ["/livez", "/readyz", "/healthz"].map((path) => ({ path })) },
});

/** kube-apiserver: Node and RBAC authorization, the aggregation layer, Secrets encrypted at rest. */
export function apiserver(cx: ComponentContext): Component {
  const { state, layout } = cx;
  const pki = (file: string) => join(layout.pki, file);
  const config = (file: string) => join(layout.config, file);
  const simulated = state.mode === "simulated";
  const args = flags({
    "advertise-address": state.nodeIp,
    "bind-address": simulated ? "127.0.0.1" : "0.0.0.0",
    "secure-port": nodePort(cx, "api"),
    "etcd-servers": `https://${state.nodeIp}:${nodePort(cx, "etcd")}`,
    "etcd-cafile": pki("ca.crt"),
    "etcd-certfile": pki("apiserver-etcd-client.crt"),
    "etcd-keyfile": pki("apiserver-etcd-client.key"),
    "client-ca-file": pki("ca.crt"),
    "tls-cert-file": pki("apiserver.crt"),
    "tls-private-key-file": pki("apiserver.key"),
    "service-account-issuer": `https://kubernetes.default.svc.${cidrs.domain}`,
    "service-account-key-file": pki("sa.pub"),
    "service-account-signing-key-file": pki("sa.key"),
    "service-cluster-ip-range": cidrs.services,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "authentication-config": config("authentication.json"),
    "encryption-provider-config": config("encryption.json"),
    "kubelet-certificate-authority": pki("ca.crt"),
    "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": pki("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP",
    "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "proxy-client-cert-file": pki("front-proxy-client.crt"),
    "proxy-client-key-file": pki("front-proxy-client.key"),
    "allow-privileged": true,
    profiling: false,
    // Endpoints may not hold a loopback address, so the simulated server keeps none of its own.
    ...(simulated ? { "endpoint-reconciler-type": "none" } : {}),
  });
  return {
    process: {
      name: "kube-apiserver",
      command: program(cx, "kube-apiserver"),
      args,
      netns: true,
      dependsOn: ["etcd"],
      health: {
        kind: "http",
        url: `https://${state.nodeIp}:${nodePort(cx, "api")}/readyz`,
        tls: { ca: pki("ca.crt"), cert: pki("admin.crt"), key: pki("admin.key") },
      },
      startTimeoutMs: 90_000,
    },
    files: [
      { path: config("authentication.json"), content: authenticationConfig },
      { path: config("encryption.json"), content: encryptionConfig(cx) },
    ],
  };
}
