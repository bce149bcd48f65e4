/** Variables as Compose replaces them: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?why}`, `$$`. */
export function interpolate(
  text: string,
  env: Record<string, string>,
  onMissing: (name: string) => void,
): string {
  const pattern = /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\$\{[^{}]*\})*))?\})/g;
  const choose = (given: string | undefined, operator: string, word: string, key: string): string => {
    if (operator === "+") return given === undefined ? "" : interpolate(word, env, onMissing);
    if (given !== undefined) return given;
    if (operator === "-") return interpolate(word, env, onMissing);
    onMissing(key);
    return "";
  };
  return text.replace(pattern, (_, dollar, bare, name, operator = "", word = "") => {
    if (dollar) return "$";
    const key: string = bare ?? name;
    const value = Object.hasOwn(env, key) ? env[key] : undefined;
    const given = operator.startsWith(":") ? value || undefined : value;
    return choose(given, operator.replace(":", ""), word, key);
  });
}

/** The same in every string of a tree; keys stay as they are. */
export function interpolateTree(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => interpolateTree(item, replace));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateTree(item, replace)]),
  );
}

/** A file of `NAME=value` lines: comments, `export`, quotes. A `#` inside a word is no comment, as it is to `util.parseEnv`. */
export function parseEnvFile(text: string): Record<string, string> {
  const entries = text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) return [];
    const [, name = "", value = ""] = match;
    const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value);
    return [[name, quoted ? (quoted[2] ?? "") : value.replace(/\s+#.*$/, "")] as const];
  });
  return Object.fromEntries(entries);
}

/** A command line as a shell would split it: quotes and backslashes, nothing else. */
export function splitCommand(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, escaped, double: string | undefined, single) =>
        escaped ?? double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? "",
    ),
  );
}
