import { configMap, type KubernetesObject, type Owner } from "../../kit/index.ts";
import dashboard from "./dashboard.generated.json" with { type: "json" };

/** The dashboard of releases where Grafana's sidecar finds it: by the label its chart has by default. */
export function dashboardMap(namespace: string, owner: Owner): KubernetesObject {
  const object = configMap("releases-dashboard", namespace, owner, {
    "releases.json": `${JSON.stringify(dashboard)}\n`,
  });
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, grafana_dashboard: "1" } } };
}
