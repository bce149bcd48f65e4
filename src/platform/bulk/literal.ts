/** A value as it stands in a source: what to write instead, or why it cannot be told. */
export type Literal = { start: number; end: number; text: string } | { refused: string };

/** Finds the value at a key path of an app in a source text. */
export type FindLiteral = (path: readonly string[], value: unknown) => Literal;
