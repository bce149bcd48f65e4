/** What the schema check finds (LF2007), as a rule that can be waived: what is applied elsewhere may be unknown here. */
import type { ObjectPolicy } from "./policy.ts";

export const unknownKind = "unknown-kind";

export const forms: ObjectPolicy[] = [
  {
    id: unknownKind,
    title: "kinds have a schema",
    why: "what nobody can check fails on the cluster, or does nothing there",
    fix: "name a kind that Kubernetes or a part defines",
    severity: "error",
    on: [],
    check: () => [],
  },
];
