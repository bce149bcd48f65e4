/** The transitions in the tables of docs/releases.md, as the watch names them: `release: running | pass | running`. */
export function documented(text: string): Set<string> {
  const [, ...sections] = text.split(/^## /m);
  return new Set(
    sections.flatMap((section) => {
      const what = /^The (release|cluster)/.exec(section)?.[1];
      return what ? section.split("\n").flatMap((line) => transitionsOf(what, line)) : [];
    }),
  );
}

/** A row names the states before, the step, and the states after; several by commas. */
function transitionsOf(what: string, line: string): string[] {
  const [, before, step, after] = line.split("|").map((cell) => cell.replaceAll("`", "").trim());
  if (!line.startsWith("| `") || !before || !step || !after) return [];
  return before
    .split(", ")
    .flatMap((from) => after.split(", ").map((to) => `${what}: ${from} | ${step} | ${to}`));
}
