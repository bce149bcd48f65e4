import { type Context, servicesOf } from "./options.ts";

/** Where the pod finds what. */
export const paths = {
  settings: "/etc/landfall",
  credentials: "/etc/fleet",
  clusters: "/etc/clusters",
  ssh: "/etc/ssh/ssh_config.d/landfall.conf",
  token: "/var/run/secrets/kubernetes.io/serviceaccount",
};

/** The files of the engine's ConfigMap: its settings, the way to its own cluster, and how Git logs in. */
export function settingsOf(
  cx: Context,
  { lease, port }: { lease: string; port: number },
): Record<string, string> {
  const { metrics, alerts } = servicesOf(cx);
  const hub = {
    company: cx.company.name,
    fleet: { url: cx.fleet.url, branch: cx.fleet.branch },
    cluster: cx.cluster.name,
    kubeconfig: {
      own: `${paths.settings}/own.kubeconfig`,
      ...(cx.options.kubeconfig && { others: `${paths.clusters}/kubeconfig` }),
    },
    observed: {
      namespace: cx.needs.delivery.namespace,
      ...(metrics && { metricsUrl: metrics.url }),
      ...(alerts && { alertsUrl: alerts.url }),
    },
    lease: { namespace: cx.namespace, name: lease },
    port,
  };
  return {
    "hub.json": `${JSON.stringify(hub, null, 2)}\n`,
    "own.kubeconfig": ownKubeconfig,
    ...(isSsh(cx) ? { "ssh.conf": sshConfig } : { askpass }),
  };
}

export const isSsh = ({ fleet }: Pick<Context, "fleet">) => fleet.url?.startsWith("ssh:") ?? false;

/** The pod's own service account, whose token is renewed in its file. */
const ownKubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: own, cluster: { server: "https://kubernetes.default.svc", certificate-authority: ${paths.token}/ca.crt } }]
users: [{ name: own, user: { tokenFile: ${paths.token}/token } }]
contexts: [{ name: own, context: { cluster: own, user: own } }]
current-context: own
`;

const sshConfig = `Host *
  IdentityFile ${paths.credentials}/identity
  IdentitiesOnly yes
  UserKnownHostsFile ${paths.credentials}/known_hosts
  StrictHostKeyChecking yes
`;

/** Git asks it for the user and the password. The image has no shell. */
const askpass = `#!/usr/local/bin/node
const { readFileSync } = require("node:fs");
const key = process.argv[2]?.startsWith("Username") ? "username" : "password";
process.stdout.write(readFileSync("${paths.credentials}/" + key, "utf8").trim());
`;
