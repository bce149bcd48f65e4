/** What grouping objects into apps works on, step by step. */
import type { Fold, Folded } from "./fold.ts";
import type { References } from "./relations.ts";
import { branch, type Source, typeOf } from "./source.ts";

/** An app in the making. */
export interface Draft extends Fold {
  labels: object;
  references: References;
  services: Source[];
}

export interface State {
  /** What nothing has claimed yet. */
  rest: Set<Source>;
  drafts: Draft[];
  left: Folded["left"];
}

export const inNamespace = (source: Source, { namespace }: Draft) =>
  source.object.metadata.namespace === namespace;
export const specOf = ({ object }: Source) => branch(object.spec);

/** The first app that passes, the one of the object's own name before others. */
export function ownerOf(
  { drafts }: State,
  source: Source,
  test: (draft: Draft) => boolean,
): Draft | undefined {
  const passing = drafts.filter(test);
  return passing.find((d) => d.workload.object.metadata.name === source.object.metadata.name) ?? passing[0];
}

/** What nothing has claimed yet of these types; hooks of Helm are no part of a running app. */
export function ofKind({ rest }: State, ...types: string[]): Source[] {
  return [...rest].filter(({ object, hook }) => !hook && types.includes(typeOf(object)));
}
