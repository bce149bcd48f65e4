import type { z } from "zod";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Place, type Problem, problem } from "../util/errors.ts";

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** What a schema was applied to: a value, and its key path in the declaration. */
interface Checked {
  schema: z.ZodType;
  value: unknown;
  base: Path;
  place: (path: Path) => Place;
}

/** Zod's issues as problems with a place. */
export function problemsOf(checked: Checked, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => one(checked, issue));
}

function one(checked: Checked, issue: Issue): Problem[] {
  const { schema, base, place } = checked;
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
  if (isMissing(checked, issue)) {
    const what = `${shown} is missing`;
    return [
      problem("LF1003", {
        what,
        fix: `add \`${path.at(-1)}\`: ${fixFor(schema, inner)}`,
        where: place(path),
      }),
    ];
  }
  if (issue.code === "invalid_union") return union(checked, issue);
  const message = (issue.code === "invalid_key" && issue.issues[0]?.message) || issue.message;
  return [
    problem(message.startsWith("must be a DNS label") ? "LF1015" : "LF1003", {
      what: `${shown}: ${message.replace(/^Invalid input: /, "")}`,
      fix: fixFor(schema, issue.code === "invalid_key" ? inner.slice(0, -1) : inner),
      where: place(path),
    }),
  ];
}

/** Whether a value is wrong for being absent. A check of the schema's own says itself what it misses. */
function isMissing({ value }: Checked, { code, path }: Issue): boolean {
  if (!["invalid_type", "invalid_value", "invalid_union"].includes(code)) return false;
  const found = (path as Path).reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
  return path.length > 0 && found === undefined;
}

/** Of a union's branches the one that came nearest speaks: deepest first, then the one with the fewest issues. */
function union(checked: Checked, issue: Extract<Issue, { code: "invalid_union" }>): Problem[] {
  const { schema, base, place } = checked;
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
  return best.flatMap((inner) => one(checked, { ...inner, path: [...issue.path, ...inner.path] } as Issue));
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
