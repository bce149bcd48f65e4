/** What grouping objects into apps works on, step by step. */
import type { References } from "./relations.ts";
import { branch, type Source, typeOf } from "./source.ts";

/** The parts of an app that its own fields can make; at most one object each. */
export interface Fold {
  app: string;
  namespace: string;
  workload: Source;
  service?: Source;
  headless?: Source;
  account?: Source;
  autoscaler?: Source;
  budget?: Source;
  config?: Source;
  /** What stays as it is beside the app, with the reason. */
  beside: { source: Source; why: string }[];
}

/** Every object in one place: in a fold, with no app of its own, or left out. */
export interface Folded {
  folds: Fold[];
  /** What belongs to no single app. */
  homeless: { source: Source; why: string }[];
  left: { source: Source; why: string }[];
}

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
