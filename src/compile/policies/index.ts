/** The policy set, as data: the groups in the order in which their findings are told. */
import { access } from "./access.ts";
import { baseline } from "./baseline.ts";
import { forms } from "./forms.ts";
import { pods } from "./pods.ts";
import type { Policy } from "./policy.ts";
import { relations } from "./relations.ts";
import { restricted } from "./restricted.ts";

export const policies: readonly Policy[] = [
  ...baseline,
  ...restricted,
  ...pods,
  ...access,
  ...relations,
  ...forms,
];

/** The rule of an id; undefined when there is none. */
export function policyOf(id: string): Policy | undefined {
  return policies.find((policy) => policy.id === id);
}
