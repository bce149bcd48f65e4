/** promtool on files as a pod of Prometheus sees them. */
import { debianTool, judge, landfallTool, type Verdict } from "./tools.ts";

const built = await landfallTool("promtool");
export const promtool = "missing" in built ? await debianTool("prometheus", "promtool") : built;
// Debian builds Prometheus without Kubernetes' service discovery: there that key is left out of the judgement.
const knowsKubernetes = promtool === built;
const kubernetesDiscovery = /kubernetes_sd_configs:\n +- role: \w+/g;

/** Writes files into a folder that is removed later, and gives its path. */
type Write = (files: Record<string, string>) => string;

/** Judge `prometheus.yml` with its rules; the pod's folders are replaced by one on this machine. */
export function checkConfig(files: Record<string, string>, write: Write): Promise<Verdict> {
  const { "prometheus.yml": declared = "", ...rules } = files;
  const config = knowsKubernetes ? declared : declared.replaceAll(kubernetesDiscovery, "static_configs: []");
  const folder = write({ ...rules, token: "x", "ca.crt": "x" });
  const here = config
    .replaceAll("/etc/prometheus", folder)
    .replaceAll("/var/run/secrets/kubernetes.io/serviceaccount", folder);
  return judge(promtool, ["check", "config", `${write({ "prometheus.yml": here })}/prometheus.yml`]);
}

/** Judge files of rules, also by promtool's lint. */
export function checkRules(files: Record<string, string>, write: Write): Promise<Verdict> {
  const folder = write(files);
  const paths = Object.keys(files).map((file) => `${folder}/${file}`);
  return judge(promtool, ["check", "rules", "--lint=all", "--lint-fatal", ...paths]);
}
