import type { TextEdit } from "../../util/text-edits.ts";

/** A value as it stands in a source: what to write instead, or why it cannot be told. */
export type Literal = TextEdit | { refused: string };

/** Finds the value at a key path of an app in a source text. */
export type FindLiteral = (path: readonly string[], value: unknown) => Literal;
