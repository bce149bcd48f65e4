import { didYouMean } from "../util/did-you-mean.ts";
import { issuesOf, type SchemaIssue } from "./issues.ts";
import { checkMetadata } from "./metadata.ts";
import type { KubernetesObject } from "./object.ts";
import { type Crd, type KubernetesVersion, knownKinds } from "./pack.ts";
import { extraKind, packedKind } from "./validators.ts";

export type { SchemaIssue } from "./issues.ts";

export interface ValidateOptions {
  /** The version whose kinds and fields count. */
  kubernetes: KubernetesVersion;
  /** CRDs beside the pack's; they win over it. Pass the same objects again, so that they compile once. */
  extraCrds?: readonly KubernetesObject[];
  /** Objects of namespaced kinds must name their namespace. */
  requireNamespace?: boolean;
}

/**
 * Everything wrong with an object, by the schema of its kind and the API server's rules on metadata; an empty
 * list when it is good. A kind that neither Kubernetes nor any CRD knows is one issue, `unknown-kind`.
 *
 *     validateObject(deployment, { kubernetes: "1.36" })
 *     // [{ path: "spec.replicas", message: "must be an integer, is the string \"3\"", keyword: "type" }]
 */
export function validateObject(object: KubernetesObject, options: ValidateOptions): SchemaIssue[] {
  const { apiVersion, kind } = object;
  const { kubernetes, extraCrds = [] } = options;
  const found =
    extraKind(extraCrds as readonly Crd[], kubernetes, apiVersion, kind) ??
    packedKind(kubernetes, apiVersion, kind);
  if (!found) return [unknownKind(apiVersion, kind)];
  const issues = issuesOf(object, found.check(object), found.nullIsAbsent);
  const { namespaced } = found;
  const metadata = checkMetadata(object, { namespaced, requireNamespace: options.requireNamespace ?? false });
  return [...issues, ...metadata];
}

function unknownKind(apiVersion: string, kind: string): SchemaIssue {
  const id = `${apiVersion}/${kind}`;
  const served = knownKinds().filter((known) => known.endsWith(`/${kind}`));
  const hint = served.length > 0 ? served.join(" or ") : didYouMean(id, knownKinds());
  const message = `no schema is known for ${id}${hint ? `; did you mean ${hint}?` : ""}`;
  return { path: "", message, keyword: "unknown-kind" };
}
