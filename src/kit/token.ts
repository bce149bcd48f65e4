/**
 * Parts meet through typed tokens: one part provides what a token stands for, others need it, and none of them
 * knows the other. A collection is the reverse: many parts contribute items, the one that collects reads them all.
 */
export interface Token<T> {
  readonly kind: "token";
  readonly id: string;
  readonly title: string;
  /** Carries the type only; never set. */
  readonly type?: T;
}

export interface Collection<T> {
  readonly kind: "collection";
  readonly id: string;
  readonly title: string;
  /** Carries the type only; never set. */
  readonly type?: T;
}

/** A need that may stay without a provider. */
export interface OptionalNeed<T> {
  readonly kind: "optional";
  readonly token: Token<T>;
}

export type Need = Token<unknown> | OptionalNeed<unknown>;
export type Resolved<N extends Record<string, Need>> = {
  readonly [K in keyof N]: N[K] extends Token<infer T>
    ? T
    : N[K] extends OptionalNeed<infer T>
      ? T | undefined
      : never;
};

/** A token of the kit: `token<ObjectStore>("objectStore", "an object store")`. */
export function token<T>(id: string, title: string): Token<T> {
  return { kind: "token", id, title };
}

/** A collection of the kit: `collection<RuleGroup>("ruleGroups", "recording and alert rules")`. */
export function collection<T>(id: string, title: string): Collection<T> {
  return { kind: "collection", id, title };
}

/** Need a token only where somebody provides it. */
export function optional<T>(needed: Token<T>): OptionalNeed<T> {
  return { kind: "optional", token: needed };
}
