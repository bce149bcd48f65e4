import type { Content } from "../move.ts";

/** What a bundle is like in the simulator. */
export interface BundleKind {
  name: string;
  /** Flagger moves its version. */
  canary: boolean;
}

/** What a revision holds: a version, and whether Flagger's analysis is skipped. */
export interface Held {
  bundle: string;
  version: number;
  skip: boolean;
}

/** Revisions are named by content alone, as the real ones are: the way back to one version is the same for all. */
export function revisionOf({ bundle, version, skip }: Held): string {
  return `latest@sha256:${bundle}-${version}${skip ? "-skip" : ""}`;
}

const known = new Map<string, Held>();

export function heldBy(revision: string): Held {
  const found = known.get(revision);
  if (found) return found;
  const [bundle = "", version = "", skip] = revision.slice("latest@sha256:".length).split("-");
  const held = { bundle, version: Number(version), skip: skip === "skip" };
  known.set(revision, held);
  return held;
}

/** `landfall.dev/template` of a bundle's pods at a version. */
export function templateOf(bundle: string, version: number): string {
  return `${bundle}:${version}`;
}

/** A content as a release file names it. */
export function contentOf(
  { name, canary }: BundleKind,
  version: number,
  skip: boolean,
  path: string,
): Content {
  const template = templateOf(name, version);
  const workload = { kind: "Deployment", namespace: "shop", name, template, ...(canary ? { canary } : {}) };
  return {
    path,
    revision: revisionOf({ bundle: name, version, skip: skip && canary }),
    workloads: [workload],
  };
}
