import type { Token } from "../kit/token.ts";
import { blockStorage, gateway, progressiveDelivery, resourceMetrics } from "../kit/tokens.ts";
import type { AppSpec } from "../model/app.ts";
import { analysedRelease } from "../model/app-release.ts";
import { isAutoscaled, lastingVolumes } from "./app-shape.ts";

/** Whether it calls as visitors do, through the cluster's own gateway. */
export function reachesGateway({ reaches }: Pick<AppSpec, "reaches">): boolean {
  return reaches.some(({ to }) => to === "gateway");
}

/** What an app asks of parts, each with the key of the declaration that asks. */
export function appTokens(spec: AppSpec): { key: keyof AppSpec; token: Token<unknown> }[] {
  // Where no route is made, something else answers for the host.
  const routed = spec.expose.length > 0 && !spec.adjust.omit.includes("HTTPRoute");
  const claims = lastingVolumes(spec).some(([, { storageClass }]) => !storageClass);
  return [
    ...(routed ? [{ key: "expose" as const, token: gateway }] : []),
    ...(reachesGateway(spec) ? [{ key: "reaches" as const, token: gateway }] : []),
    ...(isAutoscaled(spec) ? [{ key: "scale" as const, token: resourceMetrics }] : []),
    ...(analysedRelease(spec.release) ? [{ key: "release" as const, token: progressiveDelivery }] : []),
    ...(claims ? [{ key: "volumes" as const, token: blockStorage }] : []),
  ];
}
