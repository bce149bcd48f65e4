import type { ClusterClient } from "../cluster/client.ts";
import type { LiveObject } from "../cluster/types.ts";

interface RouteStatus {
  parents?: { conditions?: { type: string; status: string }[] }[];
}

const kinds = ["HTTPRoute", "GRPCRoute"];

/** The host names whose routes a gateway has accepted with every backend resolved. */
export async function acceptedHosts(client: ClusterClient): Promise<Set<string>> {
  const routes = await Promise.all(
    kinds.map((kind) =>
      client.list({ apiVersion: "gateway.networking.k8s.io/v1", kind }).catch((): LiveObject[] => []),
    ),
  );
  const accepted = routes.flat().filter(({ status }) => isAccepted(status as RouteStatus | undefined));
  return new Set(accepted.flatMap(({ spec }) => (spec as { hostnames?: string[] }).hostnames ?? []));
}

function isAccepted(status: RouteStatus | undefined): boolean {
  const holds = (conditions: { type: string; status: string }[] | undefined, type: string) =>
    conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  return (status?.parents ?? []).some(
    ({ conditions }) => holds(conditions, "Accepted") && holds(conditions, "ResolvedRefs"),
  );
}

/** Whether a page answers: whatever the app itself says, short of a server's error, is an answer. */
export function isAnswer(answer: number | string): boolean {
  return typeof answer === "number" && answer < 500;
}
