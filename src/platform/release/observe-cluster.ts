import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import type { Workload } from "../../release/move.ts";
import type { BundleSeen } from "../../release/observed.ts";
import { movesOf } from "../../release/pairs.ts";
import type { Release } from "../../release/release.ts";
import { fluxSeen } from "./observe-flux.ts";
import { type Contents, revisionNames } from "./observe-generator.ts";
import { keyOf, type ObjectRef, readObjects } from "./observe-read.ts";
import { workloadSeen } from "./observe-workload.ts";

const kustomizations = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const canaries = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };

/** What is to be looked at on a cluster: bundles and their workloads, of old and new contents alike. */
export type Wanted = ReadonlyMap<string, readonly Workload[]>;

/** What releases move on a cluster. */
export function wantedOn(releases: readonly Release[], cluster: string): Wanted {
  const wanted = new Map<string, Map<string, Workload>>();
  for (const move of releases.flatMap((release) => movesOf(release, cluster))) {
    const workloads = wanted.get(move.bundle) ?? new Map<string, Workload>();
    for (const content of [move.from, move.back, move.to]) {
      for (const one of content.workloads) {
        const key = `${one.kind} ${keyOf(one)}`;
        const canary = workloads.get(key)?.canary || one.canary;
        workloads.set(key, { ...one, ...(canary && { canary }) });
      }
    }
    wanted.set(move.bundle, workloads);
  }
  return new Map([...wanted].map(([bundle, workloads]) => [bundle, [...workloads.values()]]));
}

/**
 * What a cluster says of bundles. Flux is asked first, then Flagger, then the workloads: what is read later may be
 * newer than what it is judged by, and never older. Throws LF6001 and LF6002.
 */
export async function bundlesSeen(
  client: ClusterClient,
  namespace: string,
  wanted: Wanted,
  contents: Contents = new Map(),
): Promise<Record<string, BundleSeen>> {
  const bundles = [...wanted.keys()].map((name) => ({ namespace, name }));
  const flux = await readObjects(client, kustomizations, bundles);
  const fluxOf = (bundle: string) => fluxSeen(flux.get(keyOf({ namespace, name: bundle })));
  const told = [...wanted.keys()].map(fluxOf).flatMap(({ applied, attempted }) => [applied, attempted]);
  const nameOf = await revisionNames(client, namespace, contents, told);
  const workloads = [...wanted.values()].flat();
  const ofTarget = await canariesOf(client, workloads);
  const live = await liveWorkloads(client, workloads);
  const seen = [...wanted].map(async ([bundle, own]): Promise<[string, BundleSeen]> => {
    const workloadsSeen = own.map((workload) => {
      const find = (name: string) => live.get(`${workload.kind} ${keyOf({ ...workload, name })}`);
      const { name, kind } = workload;
      return workloadSeen(client, {
        workload,
        target: find(name),
        primary: workload.canary ? find(`${name}-primary`) : undefined,
        canary: workload.canary ? ofTarget.get(`${kind} ${keyOf(workload)}`) : undefined,
      });
    });
    const said = fluxOf(bundle);
    const revisions = { applied: nameOf(bundle, said.applied), attempted: nameOf(bundle, said.attempted) };
    return [bundle, { ...said, ...revisions, workloads: await Promise.all(workloadsSeen) }];
  });
  return Object.fromEntries(await Promise.all(seen));
}

/** The Canary of each target, which landfall names as the target. */
async function canariesOf(
  client: ClusterClient,
  workloads: readonly Workload[],
): Promise<Map<string, LiveObject>> {
  const found = await readObjects(
    client,
    canaries,
    workloads.filter(({ canary }) => canary),
  );
  const target = ({ spec, metadata }: LiveObject) => {
    const { kind, name } = (spec as { targetRef: { kind: string; name: string } }).targetRef;
    return `${kind} ${keyOf({ namespace: metadata.namespace ?? "", name })}`;
  };
  return new Map([...found.values()].map((canary) => [target(canary), canary]));
}

async function liveWorkloads(
  client: ClusterClient,
  workloads: readonly Workload[],
): Promise<Map<string, LiveObject>> {
  const refs = workloads.flatMap((one): (ObjectRef & { kind: string })[] => [
    one,
    ...(one.canary ? [{ ...one, name: `${one.name}-primary` }] : []),
  ]);
  const byKind = Object.groupBy(refs, ({ kind }) => kind);
  const read = Object.entries(byKind).map(async ([kind, some = []]) => {
    const objects = await readObjects(client, { apiVersion: "apps/v1", kind }, some);
    return [...objects].map(([key, object]): [string, LiveObject] => [`${kind} ${key}`, object]);
  });
  return new Map((await Promise.all(read)).flat());
}
