/**
 * A simple form of gitignore's patterns: `*`, `?`, `**`, a leading `/` (or one inside) ties a pattern to the
 * root, a trailing `/` names folders only, `!` takes back, `#` starts a comment. The last match decides.
 * The returned function gets a path with forward slashes, relative to the patterns' folder.
 */
export function ignoreMatcher(patterns: string[]): (path: string, isFolder: boolean) => boolean {
  const rules = patterns
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map(parseRule);
  return (path, isFolder) => {
    let ignored = false;
    for (const rule of rules) {
      if ((isFolder || !rule.foldersOnly) && rule.pattern.test(path)) ignored = !rule.negated;
    }
    return ignored;
  };
}

function parseRule(line: string) {
  const negated = line.startsWith("!");
  const body = negated ? line.slice(1) : line;
  const foldersOnly = body.endsWith("/");
  const glob = body.replace(/\/+$/, "");
  const tied = glob.includes("/");
  const pattern = new RegExp(`^${tied ? "" : "(?:.*/)?"}${globSource(glob.replace(/^\//, ""))}$`);
  return { negated, foldersOnly, pattern };
}

function globSource(glob: string): string {
  return glob
    .split(/(\*\*\/|\/\*\*|\*|\?)/)
    .map((piece) => {
      if (piece === "**/") return "(?:.*/)?";
      if (piece === "/**") return "/.*";
      if (piece === "*") return "[^/]*";
      if (piece === "?") return "[^/]";
      return piece.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
}
