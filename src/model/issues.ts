import type { z } from "zod";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Place, type Problem, problem } from "../util/errors.ts";

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** Zod's issues as problems with a place; `base` is the key path the schema was applied at. */
export function problemsOf(
  schema: z.ZodType,
  issues: readonly Issue[],
  base: Path,
  place: (path: Path) => Place,
): Problem[] {
  return issues.flatMap((issue) => one(schema, issue, base, place));
}

function one(schema: z.ZodType, issue: Issue, base: Path, place: (path: Path) => Place): Problem[] {
  const inner = issue.path as Path;
  const path = [...base, ...inner];
  const shown = path.join(".") || "the declaration";
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, inner);
    return issue.keys.map((key) => {
      const near = didYouMean(key, known);
      return problem("LF1004", {
        what: `unknown key \`${key}\`${path.length > 0 ? ` in ${shown}` : ""}`,
        fix: near ? `did you mean \`${near}\`?` : `remove it; known here: ${known.join(", ")}`,
        where: place([...path, key]),
      });
    });
  }
  if (issue.code === "invalid_union") return union(schema, issue, base, place);
  const message = (issue.code === "invalid_key" && issue.issues[0]?.message) || issue.message;
  return [
    problem(message.startsWith("must be a DNS label") ? "LF1015" : "LF1003", {
      what: `${shown}: ${message.replace(/^Invalid input: /, "")}`,
      fix: fixFor(schema, issue.code === "invalid_key" ? inner.slice(0, -1) : inner),
      where: place(path),
    }),
  ];
}

/** Of a union's branches the one that came nearest speaks: deepest first, then the one with the fewest issues. */
function union(
  schema: z.ZodType,
  issue: Extract<Issue, { code: "invalid_union" }>,
  base: Path,
  place: (path: Path) => Place,
): Problem[] {
  const depth = (branch: readonly Issue[]) =>
    Math.min(...branch.map((i) => (i.code === "invalid_type" ? i.path.length : i.path.length + 1)));
  const best = issue.errors.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  if (!best || depth(best) === 0) {
    const path = [...base, ...(issue.path as Path)];
    return [
      problem("LF1003", {
        what: `${path.join(".")}: not one of the forms this key takes`,
        fix: fixFor(schema, issue.path as Path),
        where: place(path),
      }),
    ];
  }
  return best.flatMap((inner) =>
    one(schema, { ...inner, path: [...issue.path, ...inner.path] } as Issue, base, place),
  );
}

function fixFor(schema: z.ZodType, path: Path): string {
  const meta = schemasAt(schema, path)
    .map((s) => s.meta?.() as { description?: string; examples?: unknown[] } | undefined)
    .find((m) => m?.description);
  if (!meta) return "see the declaration's reference in docs/declaration.md";
  const example = meta.examples?.[0];
  return `${meta.description}${example === undefined ? "" : ` For example: ${JSON.stringify(example)}`}`;
}

/** The keys an object schema at the path knows. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const keys = schemasAt(schema, path).flatMap((s) => Object.keys((s as { shape?: object }).shape ?? {}));
  return [...new Set(keys)];
}

type Definition = {
  innerType?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  valueType?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
};

/** Every schema that applies at the path, wrappers and union branches unfolded, outermost first. */
function schemasAt(schema: z.ZodType, path: Path): z.ZodType[] {
  let current = unfold(schema);
  for (const key of path) current = current.flatMap((s) => step(s, key)).flatMap(unfold);
  return current;
}

function unfold(schema: z.ZodType): z.ZodType[] {
  const { innerType, options } = schema.def as Definition;
  return [schema, ...(innerType ? unfold(innerType) : []), ...(options ?? []).flatMap(unfold)];
}

function step(schema: z.ZodType, key: string | number): z.ZodType[] {
  const def = schema.def as Definition;
  const next =
    def.shape?.[String(key)] ?? def.valueType ?? (typeof key === "number" ? def.element : undefined);
  return next ? [next] : [];
}
