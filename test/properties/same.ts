/** Throw, with both, where two values differ. */
export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) =>
    typeof value === "string" ? value : JSON.stringify(value),
  );
  if (a !== b) throw new Error(`${what} differs\n--- expected\n${b}\n--- actual\n${a}`);
}

/** Throw where two trees differ in a path or a byte. */
export function sameFiles(actual: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): void {
  same("paths", [...actual.keys()], [...expected.keys()]);
  for (const [path, text] of expected) same(path, actual.get(path), text);
}
