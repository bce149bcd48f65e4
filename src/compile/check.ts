import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { type Problem, problem } from "../util/errors.ts";
import type { Bundle, ClusterPlan } from "./plan.ts";
import { type PodTemplate, podTemplateOf, policies } from "./policies.ts";

/** Judge everything a cluster gets: schemas, identities, and the policy set. */
export function checkCluster(cluster: ClusterPlan, kubernetes: "1.36"): Problem[] {
  const judged = cluster.bundles.flatMap((bundle) =>
    bundle.objects.flatMap((object) => {
      const problems = schemaProblems(object, bundle, kubernetes);
      // The policies read fields whose form only the schema vouches for.
      return problems.length > 0 ? problems : policyProblems(object, bundle);
    }),
  );
  return [...judged, ...identityProblems(cluster), ...isolationProblems(cluster)];
}

/** `Deployment shop/cart` */
export function identityOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace ? `${namespace}/` : ""}${name}`;
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

function policyProblems(object: KubernetesObject, bundle: Bundle): Problem[] {
  const pod = podTemplateOf(object);
  if (!pod) return [];
  const waived = new Set(bundle.waivers.map(({ rule }) => rule));
  return policies
    .filter(({ id }) => !waived.has(id))
    .flatMap((policy) =>
      policy.check(pod, object).map((finding) =>
        problem("LF2005", {
          what: `${identityOf(object)}: ${finding}`,
          why: `${policy.title}: ${policy.why} (policy ${policy.id})`,
          fix: policy.fix,
          where: bundle.place,
        }),
      ),
    );
}

/** Every pod must be selected by a network policy of its namespace. */
function isolationProblems(cluster: ClusterPlan): Problem[] {
  const selectors = cluster.bundles.flatMap(({ objects }) =>
    objects
      .filter(({ kind }) => kind === "NetworkPolicy")
      .map(({ metadata, spec }) => ({
        namespace: metadata.namespace,
        spec: spec as { podSelector?: { matchLabels?: Record<string, string> } } | undefined,
      })),
  );
  const selected = (object: KubernetesObject, pod: PodTemplate) =>
    selectors.some(
      ({ namespace, spec }) =>
        namespace === object.metadata.namespace &&
        Object.entries(spec?.podSelector?.matchLabels ?? {}).every(
          ([key, value]) => pod.metadata?.labels?.[key] === value,
        ),
    );
  return cluster.bundles.flatMap((bundle) => {
    if (bundle.waivers.some(({ rule }) => rule === "isolation")) return [];
    return bundle.objects.flatMap((object) => {
      const pod = podTemplateOf(object);
      if (!pod || selected(object, pod)) return [];
      return [
        problem("LF2005", {
          what: `${identityOf(object)}: no network policy selects its pods`,
          why: "anybody in the cluster could reach them (policy isolation)",
          fix: "add a NetworkPolicy that admits its callers",
          where: bundle.place,
        }),
      ];
    });
  });
}
