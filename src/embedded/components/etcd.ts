import { join } from "node:path";
import { type Component, type ComponentContext, flags, nodePort, program } from "./component.ts";

/** etcd with mutual TLS, reached at the node's address by the API server and the supervisor alone. */
export function etcd(cx: ComponentContext): Component {
  const pki = (file: string) => join(cx.layout.pki, file);
  const client = `https://${cx.state.nodeIp}:${nodePort(cx, "etcd")}`;
  const peer = `https://127.0.0.1:${nodePort(cx, "etcd-peer")}`;
  const args = flags({
    name: "landfall",
    "data-dir": join(cx.layout.data, "etcd"),
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `landfall=${peer}`,
    "client-cert-auth": true,
    "trusted-ca-file": pki("ca.crt"),
    "cert-file": pki("etcd.crt"),
    "key-file": pki("etcd.key"),
    "peer-client-cert-auth": true,
    "peer-trusted-ca-file": pki("ca.crt"),
    "peer-cert-file": pki("etcd.crt"),
    "peer-key-file": pki("etcd.key"),
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "30m",
    "quota-backend-bytes": 2 * 1024 ** 3,
    "log-level": "warn",
    // One member needs no time to hear of others: it leads as soon as it starts.
    "heartbeat-interval": 50,
    "election-timeout": 250,
    "snapshot-count": 10_000,
  });
  return {
    process: {
      name: "etcd",
      command: program(cx, "etcd"),
      args: cx.state.spec.unsafeNoFsync ? [...args, "--unsafe-no-fsync"] : args,
      netns: true,
      dependsOn: [],
      health: {
        kind: "http",
        url: `${client}/health`,
        tls: {
          ca: pki("ca.crt"),
          cert: pki("apiserver-etcd-client.crt"),
          key: pki("apiserver-etcd-client.key"),
        },
      },
      stopTimeoutMs: 10_000,
    },
    files: [],
  };
}
