import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { type Problem, problem } from "../util/errors.ts";
import { identityOf } from "./identity.ts";
import type { Bundle } from "./plan.ts";
import { unknownKind } from "./policies/forms.ts";
import { type Finding, findingProblem, judgeBundle } from "./policies/judge.ts";
import { sizeProblems } from "./size.ts";

/** Whose objects are judged. */
type Judged = Pick<Bundle, "name" | "kind" | "owner" | "waivers" | "place">;

export interface CheckOptions {
  kubernetes: "1.36";
  /** The company's domain. */
  domain: string;
  /** Called for each finding that a bundle waives. */
  onWaived: (bundle: Pick<Bundle, "kind" | "owner">, rule: string) => void;
}

/** Judge the objects of a bundle: schemas, sizes and the policy set. `around` gives what else the cluster gets. */
export function checkBundle(
  bundle: Judged,
  objects: KubernetesObject[],
  { around, kubernetes, domain, onWaived }: CheckOptions & { around: () => Iterable<KubernetesObject> },
): Problem[] {
  const problems: Problem[] = [];
  // The policies read fields whose form only the schema vouches for.
  const unsound = new Set<KubernetesObject>();
  const waived = new Set(bundle.waivers.map(({ rule }) => rule));
  for (const object of objects) {
    const formal = schemaProblems(object, bundle, kubernetes);
    if (formal.length > 0) unsound.add(object);
    const isUnknown = waived.has(unknownKind) && formal.some(({ code }) => code === "LF2007");
    if (isUnknown) onWaived(bundle, unknownKind);
    problems.push(...(isUnknown ? [] : formal), ...sizeProblems(object, bundle));
  }
  const isWaived = ({ policy: { id } }: Finding) => {
    if (waived.has(id)) onWaived(bundle, id);
    return waived.has(id);
  };
  for (const finding of judgeBundle(
    { kind: bundle.kind, owner: bundle.owner, objects },
    { domain, objects: around, unsound },
  ))
    if (!isWaived(finding)) problems.push(findingProblem(finding, bundle));
  return problems;
}

function schemaProblems(object: KubernetesObject, bundle: Judged, kubernetes: "1.36"): Problem[] {
  return validateObject(object, { kubernetes }).map((issue) =>
    problem(issue.keyword === "unknown-kind" ? "LF2007" : "LF2004", {
      what: `${identityOf(object)}: ${issue.path ? `${issue.path}: ` : ""}${issue.message}`,
      why: `${bundle.name} renders it`,
      fix: `correct what it is rendered from, or report it when it comes from a part`,
      where: bundle.place,
    }),
  );
}

/** Objects that two bundles of a cluster make: each would undo the other's. */
export function identityProblems(bundles: readonly Bundle[]): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const bundle of bundles) {
    for (const identity of bundle.content.facts.identities) {
      const first = owners.get(identity);
      if (first === undefined) {
        owners.set(identity, bundle.name);
        continue;
      }
      problems.push(
        problem("LF2006", {
          what: `${identity.slice(identity.indexOf(" ") + 1)} is made by ${first} and by ${bundle.name}`,
          why: "each would undo the other's",
          fix: "rename one of the two",
          where: bundle.place,
        }),
      );
    }
  }
  return problems;
}
