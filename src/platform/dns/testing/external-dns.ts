import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterClient } from "../../../cluster/client.ts";
import { freePorts } from "../../../cluster/testing/api-server.ts";
import { findProgram } from "../../../cluster/testing/programs.ts";
import { dnsEndpoint } from "../../../dns/endpoints.ts";
import { until } from "../../../embedded/machine/wait.ts";
import { renderPart } from "../../../kit/testing/render-part.ts";
import { externalDns } from "../../../parts/external-dns/part.ts";
import type { KubernetesObject } from "../../../schema/object.ts";
import { type Background, inBackground, runFolder } from "./background.ts";
import type { DnsServer } from "./servers.ts";

type Options = NonNullable<Parameters<typeof externalDns>[0]>;

export interface Writers {
  /** What all of them said. */
  log(): string;
  /** One metric's lines of all of them. */
  metric(name: string): Promise<string[]>;
  stop(): Promise<void>;
}

const namespace = "external-dns";

/**
 * The part as it is emitted for the cluster `here`: its objects applied, and for each of its Deployments the linked
 * external-dns with that one's arguments and variables, as the part's service account and with no right but its own.
 */
export async function runExternalDns(
  on: { client: ClusterClient; kubeconfig: string },
  server: DnsServer,
  options: Options,
): Promise<Writers> {
  const port = options.provider === "pdns" ? server.updates : server.port;
  const objects = renderPart(externalDns, {
    options: { ...options, server: "127.0.0.1", port, interval: "2s" },
  });
  await on.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const kinds = /^(CustomResourceDefinition|ServiceAccount|(Cluster)?Role(Binding)?)$/;
  for (const object of objects.filter(({ kind }) => kinds.test(kind))) await on.client.apply(object);
  // Where its kind is not served yet, external-dns ends; a kubelet would start it again.
  await until(
    () =>
      on.client.list(dnsEndpoint).then(
        () => true,
        () => false,
      ),
    60_000,
  );
  const kubeconfig = await accountKubeconfig(on);
  const deployments = objects.filter(({ kind }) => kind === "Deployment");
  const running = await Promise.all(deployments.map((one) => runOne(one, kubeconfig, server.credential)));
  return {
    log: () => running.map(({ program }) => program.log()).join(""),
    metric: async (name) => {
      const texts = await Promise.all(running.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
      return texts.flatMap((text) => text.split("\n")).filter((line) => line.startsWith(name));
    },
    stop: async () => {
      await Promise.all(running.map(({ program }) => program.stop()));
    },
  };
}

async function runOne(
  deployment: KubernetesObject,
  kubeconfig: string,
  credential: string,
): Promise<{ program: Background; url: string }> {
  const { template } = deployment.spec as {
    template: { spec: { containers: { args: string[]; env: { name: string }[] }[] } };
  };
  const [container] = template.spec.containers;
  const [port] = await freePorts(1);
  const dir = runFolder(deployment.metadata.name);
  writeFileSync(join(dir, "kubeconfig"), kubeconfig);
  const own = [`--kubeconfig=${join(dir, "kubeconfig")}`, `--metrics-address=127.0.0.1:${port}`];
  const env = Object.fromEntries((container?.env ?? []).map(({ name }) => [name, credential]));
  const url = `http://127.0.0.1:${port}`;
  const path = findProgram("external-dns")?.path ?? "";
  const command = { path, args: [...(container?.args ?? []), ...own], env, dir };
  const isWell = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  return { program: await inBackground(command, isWell), url };
}

/** The administrator's kubeconfig with the token of the part's service account instead. */
async function accountKubeconfig({
  client,
  kubeconfig,
}: {
  client: ClusterClient;
  kubeconfig: string;
}): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/external-dns/token`;
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600 },
  };
  const { status, text } = await client.raw(path, { body });
  if (status !== 201) throw new Error(`no token: ${text}`);
  const { token } = (JSON.parse(text) as { status: { token: string } }).status;
  const config = JSON.parse(readFileSync(kubeconfig, "utf8")) as { users: { user: object }[] };
  for (const user of config.users) user.user = { token };
  return JSON.stringify(config);
}
