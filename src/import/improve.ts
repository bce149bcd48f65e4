/**
 * `--harden`: what landfall gives every app stays in place where the original said nothing. Names, selectors and
 * whatever the original said itself stay as they were.
 */
import type { AppSpec } from "../model/app.ts";
import { isRecord } from "../util/records.ts";
import { type Branch, branch, branches } from "./source.ts";

/** One difference between a hardened app and its original. */
export interface Improvement {
  app: string;
  /** The object, and the field where it is one: `Deployment`, `spec.template.spec.securityContext`. */
  kind: string;
  field: string;
  reason: string;
}

type Patch = AppSpec["adjust"]["patch"][number];

/** Removals that must stay: a selector cannot change, and a renamed thing must not be there twice. */
const identity = [/^spec\.selector\b/, /^spec\.replicas$/, /^spec\.podManagementPolicy$/];

/** Fields of which an object has one: what the original chose takes the other's place. */
const unions = [
  ["exec", "grpc", "httpGet", "sleep", "tcpSocket"],
  ["value", "valueFrom"],
  ["rollingUpdate", "type"],
  ["maxUnavailable", "minAvailable"],
  ["configMap", "downwardAPI", "emptyDir", "hostPath", "persistentVolumeClaim", "projected", "secret"],
];

const reasons: [RegExp, string][] = [
  [/securityContext/, "least rights: no root, no new privileges, a read-only root file system, seccomp"],
  [/Probe/, "traffic goes only to pods that answer, and pods that hang are started anew"],
  [/resources/, "the scheduler can place only what says how much it needs"],
  [/lifecycle|terminationGrace/, "requests under way end before the pod does"],
  [/strategy/, "a new pod is ready before an old one goes"],
  [/serviceAccount|automount/, "an identity of its own, without a token it does not use"],
  [/enableServiceLinks/, "no variables of every other Service"],
  [/labels/, "labels by which policies, budgets and metrics find the app"],
  [/annotations/, "metrics are found by these"],
  [/env/, "the addresses of what it calls, and its own name and version"],
  [/topologySpread/, "pods spread over zones and nodes"],
  [/volume/, "a place to write, where the root file system is read-only"],
  [/terminationMessage/, "the last words of a pod that failed are its log's"],
];
const kindReasons: Record<string, string> = {
  NetworkPolicy: "only declared callers reach it, and it reaches only what it calls",
  PodDisruptionBudget: "nodes are drained without taking the app away",
  ServiceAccount: "an identity of its own, without a token it does not use",
  Service: "callers reach it by one name",
};

/** The patches with landfall's own settings left in, and what thereby differs from the original. */
export function harden(
  app: string,
  adjust: AppSpec["adjust"],
): { adjust: AppSpec["adjust"]; improved: Improvement[] } {
  const improved: Improvement[] = [];
  const note = (kind: string, field: string) =>
    improved.push({ app, kind, field, reason: kindReasons[kind] ?? reasonOf(field) });
  const patch = adjust.patch.flatMap((own) => {
    const kept = withoutRemovals(own.kind === "Service" ? withOwnPorts(own.set) : own.set, [], (field) =>
      note(own.kind, field),
    );
    return kept ? [{ ...own, set: kept as Patch["set"] }] : [];
  });
  for (const kind of adjust.omit) note(kind.split("/")[0] ?? kind, "");
  return { adjust: { omit: [], patch }, improved };
}

/** A Service keeps landfall's ports, to which routes lead, and has those that callers know beside them. */
function withOwnPorts(set: Branch): Branch {
  const { ports, ...spec } = branch(set.spec);
  if (ports === undefined) return set;
  const known = Array.isArray(ports)
    ? branches(ports).map((port) => ["port", port] as const)
    : Object.entries(branch(ports)).map(([name, port]) => [name, branch(port)] as const);
  const added = known
    .filter(([, { port }]) => port !== undefined)
    .map(([name, { port, targetPort, name: own }]) => [
      `${own ?? name}-${port}`,
      { port, targetPort: targetPort ?? (name === "port" ? port : name) },
    ]);
  return { ...set, spec: { ...spec, ...(added.length > 0 && { ports: Object.fromEntries(added) }) } };
}

function reasonOf(field: string): string {
  return reasons.find(([pattern]) => pattern.test(field))?.[1] ?? "landfall's default";
}

/** Undefined where nothing is left of a patch. */
function withoutRemovals(patch: Branch, path: string[], note: (field: string) => void): Branch | undefined {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(patch)) {
    const field = [...path, key].join(".");
    if (key === "$order") continue;
    if (value === null && !isReplaced(patch, key) && !identity.some((pattern) => pattern.test(field)))
      note(field);
    else if (isRecord(value)) {
      const inner = withoutRemovals(value, [...path, key], note);
      if (inner) kept.push([key, inner]);
    } else kept.push([key, value]);
  }
  return kept.length > 0 || Object.keys(patch).length === 0 ? Object.fromEntries(kept) : undefined;
}

function isReplaced(patch: Branch, key: string): boolean {
  return unions.some(
    (union) =>
      union.includes(key) && union.some((other) => patch[other] !== undefined && patch[other] !== null),
  );
}
