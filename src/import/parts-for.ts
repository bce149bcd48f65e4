import type { AppSpecInput } from "../model/app.ts";
import type { Tree } from "./assemble.ts";

/** The parts that what was imported needs. A cluster that exists keeps what it has: only delivery is added to it. */
export function partsFor({ apps }: Tree, { cluster }: { cluster: { context?: string } }): Tree["parts"] {
  const all = Object.values(apps);
  const groups = all.flatMap(({ raw = [] }) => raw.map(({ apiVersion }) => apiVersion.split("/")[0]));
  const routed = all.some(
    ({ expose = [], adjust }) => expose.length > 0 && !adjust?.omit?.includes("HTTPRoute"),
  );
  const routes = routed || groups.includes("gateway.networking.k8s.io");
  const wanted: [string, boolean][] = [
    ["flux", true],
    ["gateway-api", !cluster.context && routes],
    ["coredns", !cluster.context],
    ["traefik", !cluster.context && routed],
    ["local-path", !cluster.context && all.some(claims)],
    ["metrics-server", !cluster.context && all.some(({ scale }) => (scale?.max ?? 1) > (scale?.min ?? 1))],
  ];
  return Object.fromEntries(wanted.filter(([, needed]) => needed).map(([id]) => [id, {}]));
}

function claims({ volumes = {}, raw = [] }: AppSpecInput): boolean {
  return (
    Object.values(volumes).some(({ ephemeral }) => !ephemeral) ||
    raw.some(({ kind }) => kind === "PersistentVolumeClaim")
  );
}
