/** What follows from an app's declaration alone, for whoever checks, renders or draws it. */
import type { AppSpec, AppSpecInput } from "../model/app.ts";

export const configMount = { name: "config", mountPath: "/etc/landfall/config", readOnly: true };
export const tmpMount = { name: "tmp", mountPath: "/tmp" };

/** What pods mount besides the app's own volumes: its config files, and a place to write unless it brings its own. */
export function builtInMounts({
  config = {},
  volumes = {},
}: Pick<AppSpecInput, "config" | "volumes">): (typeof configMount | typeof tmpMount)[] {
  const ownTmp = Object.values(volumes).some(({ path }) => path === tmpMount.mountPath);
  return [...(Object.keys(config).length > 0 ? [configMount] : []), ...(ownTmp ? [] : [tmpMount])];
}

/** The entries of a record in the order of their keys: their order in the declaration counts nowhere. */
export function byKey<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The volumes that outlive their pod, by name in order. */
export function lastingVolumes({ volumes }: AppSpec): [name: string, volume: AppSpec["volumes"][string]][] {
  return byKey(volumes).filter(([, { ephemeral }]) => !ephemeral);
}

/** Whether an autoscaler drives the number of pods. */
export function isAutoscaled({ scale }: AppSpec): boolean {
  return scale.max > scale.min;
}
