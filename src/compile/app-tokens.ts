import type { Token } from "../kit/token.ts";
import { blockStorage, gateway, resourceMetrics } from "../kit/tokens.ts";
import type { AppSpec } from "../model/app.ts";

/** The volumes that outlive their pod. */
export function lastingVolumes({ volumes }: AppSpec): string[] {
  return Object.keys(volumes).filter((name) => !volumes[name]?.ephemeral);
}

/** What an app asks of parts, each with the key of the declaration that asks. */
export function appTokens(spec: AppSpec): { key: keyof AppSpec; token: Token<unknown> }[] {
  // Where no route is made, something else answers for the host.
  const routed = spec.expose.length > 0 && !spec.adjust.omit.includes("HTTPRoute");
  const claims = lastingVolumes(spec).some((name) => !spec.volumes[name]?.storageClass);
  return [
    ...(routed ? [{ key: "expose" as const, token: gateway }] : []),
    ...(spec.scale.max > spec.scale.min ? [{ key: "scale" as const, token: resourceMetrics }] : []),
    ...(claims ? [{ key: "volumes" as const, token: blockStorage }] : []),
  ];
}
