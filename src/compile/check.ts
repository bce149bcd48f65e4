import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { type Problem, problem } from "../util/errors.ts";
import { identityOf } from "./identity.ts";
import type { Bundle, ClusterPlan } from "./plan.ts";
import { type Finding, findingProblem, judgeBundle, type Surroundings } from "./policies/judge.ts";
import { sizeProblems } from "./size.ts";

export interface CheckOptions {
  kubernetes: "1.36";
  /** The company's domain. */
  domain: string;
  /** Called for each finding that a bundle waives. */
  onWaived?: (bundle: Bundle, rule: string) => void;
}

/** Judge everything a cluster gets: schemas, sizes, the policy set, and identities. */
export function checkCluster(cluster: ClusterPlan, options: CheckOptions): Problem[] {
  // The policies read fields whose form only the schema vouches for.
  const unsound = new Set<KubernetesObject>();
  const formal = cluster.bundles.flatMap((bundle) =>
    bundle.objects.flatMap((object) => {
      const problems = schemaProblems(object, bundle, options.kubernetes);
      if (problems.length > 0) unsound.add(object);
      return [...problems, ...sizeProblems(object, bundle)];
    }),
  );
  const objects = () => cluster.bundles.flatMap((bundle) => bundle.objects);
  const judged = cluster.bundles.flatMap((bundle) =>
    policyProblems(bundle, { domain: options.domain, objects, unsound }, options.onWaived),
  );
  return [...formal, ...judged, ...identityProblems(cluster)];
}

function schemaProblems(object: KubernetesObject, bundle: Bundle, kubernetes: "1.36"): Problem[] {
  return validateObject(object, { kubernetes }).map((issue) =>
    problem(issue.keyword === "unknown-kind" ? "LF2007" : "LF2004", {
      what: `${identityOf(object)}: ${issue.path ? `${issue.path}: ` : ""}${issue.message}`,
      why: `${bundle.name} renders it`,
      fix: `correct what it is rendered from, or report it when it comes from a part`,
      where: bundle.place,
    }),
  );
}

function identityProblems(cluster: ClusterPlan): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const bundle of cluster.bundles) {
    for (const object of bundle.objects) {
      const id = `${object.apiVersion.split("/")[0]} ${identityOf(object)}`;
      const first = owners.get(id);
      owners.set(id, first ?? bundle.name);
      if (first === undefined) continue;
      problems.push(
        problem("LF2006", {
          what: `${identityOf(object)} is made by ${first} and by ${bundle.name}`,
          why: "each would undo the other's",
          fix: "rename one of the two",
          where: bundle.place,
        }),
      );
    }
  }
  return problems;
}

/** What rules find and the bundle does not waive. */
function policyProblems(
  bundle: Bundle,
  at: Surroundings,
  onWaived: CheckOptions["onWaived"] = () => undefined,
): Problem[] {
  const waived = new Set(bundle.waivers.map(({ rule }) => rule));
  const isWaived = ({ policy: { id } }: Finding) => {
    if (waived.has(id)) onWaived(bundle, id);
    return waived.has(id);
  };
  return judgeBundle(bundle, at)
    .filter((finding) => !isWaived(finding))
    .map((finding) => findingProblem(finding, bundle));
}
