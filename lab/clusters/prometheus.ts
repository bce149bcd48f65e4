import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { ClusterClient } from "../../src/cluster/client.ts";
import type { ExtraProcess } from "../../src/embedded/types.ts";
import { proxyPath } from "../../src/platform/scrape-health.ts";

interface ScrapeConfig {
  job_name: string;
  kubernetes_sd_configs: object[];
}

/** Where Prometheus runs, and what it is to reach. */
export interface PrometheusPlace {
  program: string;
  dir: string;
  client: ClusterClient;
  kubeconfig: string;
  port: number;
  /** Of the exporter that stands for the pods. */
  exporterUrl: string;
}

/** Where Prometheus is in a cluster whose pods run. */
export const inCluster = "http://prometheus.prometheus.svc.cluster.local:9090";

/**
 * Prometheus as a process beside a simulated cluster, with the config and rules that the cluster has as ConfigMaps. It differs in what a process of the host
 * needs: the kubeconfig, the way to the pods, and no alert sink; nodes that are simulated have no metrics.
 */
export async function prometheusProcess(place: PrometheusPlace): Promise<ExtraProcess> {
  const { program, dir, client, kubeconfig, port, exporterUrl } = place;
  const maps = await client.list({ apiVersion: "v1", kind: "ConfigMap" }, { namespace: "prometheus" });
  const files = Object.fromEntries(
    maps
      .filter(({ metadata }) => metadata.name.startsWith("prometheus-"))
      .flatMap(({ data }) => Object.entries(data as Record<string, string>)),
  );
  const { alerting: _, ...config } = parse(files["prometheus.yml"] ?? "");
  const jobs = (config.scrape_configs as ScrapeConfig[]).filter(({ job_name }) => job_name === "pods");
  const adjusted = {
    ...config,
    rule_files: [join(dir, "rules-*.yml")],
    scrape_configs: jobs.map(({ kubernetes_sd_configs, ...job }) => ({
      ...job,
      proxy_url: exporterUrl,
      kubernetes_sd_configs: kubernetes_sd_configs.map((one) => ({ ...one, kubeconfig_file: kubeconfig })),
    })),
  };
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries({ ...files, "prometheus.yml": stringify(adjusted) }))
    writeFileSync(join(dir, name), text);
  const address = `127.0.0.1:${port}`;
  return {
    // As its Service is called, so that whoever asks for its data finds it.
    name: "prometheus",
    command: program,
    args: [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=warn",
    ],
    healthUrl: `http://${address}/-/ready`,
  };
}

/** The value of an instant query that gives one number; undefined without data. */
export type Ask = (query: string) => Promise<number | undefined>;

/** Ask a Prometheus of this machine. */
export function askProcess(url: string): Ask {
  return async (query) => numberIn(await (await fetch(`${url}${queryPath(query)}`)).text());
}

/** Ask the Prometheus that runs in a cluster. */
export function askCluster(client: ClusterClient): Ask {
  return async (query) => numberIn((await client.raw(`${proxyPath(inCluster)}${queryPath(query)}`)).text);
}

const queryPath = (query: string) => `/api/v1/query?${new URLSearchParams({ query })}`;

function numberIn(text: string): number | undefined {
  const { data } = JSON.parse(text) as { data?: { result: { value: [number, string] }[] } };
  const value = data?.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}
