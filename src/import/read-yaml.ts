import { type Document, isScalar, Lexer, LineCounter, parseAllDocuments, type ScalarTag, visit } from "yaml";
import { failure, LandfallError, messageOf, problem } from "../util/errors.ts";
import { kubernetesScalar } from "./kubernetes-scalars.ts";

/** The most of one file that is read, in bytes; an object of Kubernetes has at most 1.5 MB. */
const mostBytes = 8 * 1024 * 1024;
const mostDepth = 100;
const mostAliases = 1000;
const tooDeep = `it is nested more than ${mostDepth} levels deep`;

/** One YAML document as plain data, and the line it begins at. */
export interface Read {
  value: unknown;
  line: number;
}

const tagOf = (name: string, plain: boolean): ScalarTag => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: plain,
  ...(plain && { test: /^[-+0-9.yYnNtTfFoO~]|^$/ }),
  resolve: (text) => kubernetesScalar(text),
});
const kubernetesTags = [tagOf("int", true), ...["bool", "float", "null"].map((name) => tagOf(name, false))];

/**
 * Read every document of a file. `reader` says whose rules hold for plain scalars: Kubernetes' (YAML 1.1 with its own
 * rules), or `core` (YAML 1.2). Errors (LF1023): no YAML, alias bombs, deep nesting, doubled keys, `__proto__` keys.
 */
export function readYaml(text: string, file: string, reader: "kubernetes" | "core" = "kubernetes"): Read[] {
  if (text.length > mostBytes) throw unreadable(file, `it has more than ${mostBytes / 1024 / 1024} MiB`);
  const hostile = hostility(text);
  if (hostile) throw unreadable(file, hostile);
  const counter = new LineCounter();
  const documents = guarded(file, () =>
    parseAllDocuments(text, {
      lineCounter: counter,
      prettyErrors: false,
      merge: true,
      // The parser compares each key with each, which takes minutes for a large map; see `doubledKey`.
      uniqueKeys: false,
      ...(reader === "kubernetes"
        ? { schema: "failsafe", customTags: (tags) => [...tags, ...kubernetesTags] }
        : { schema: "core" }),
    }),
  );
  if (!Array.isArray(documents)) return [];
  // The first says what is wrong; those after it mostly follow from it.
  const errors = documents.flatMap((document) => document.errors.slice(0, 1));
  if (errors.some(({ message }) => message.startsWith("Maximum call stack"))) throw unreadable(file, tooDeep);
  if (errors.length > 0) {
    throw new LandfallError(
      errors.map((error) =>
        problem("LF1023", {
          what: error.message.split("\n")[0] ?? error.message,
          fix: "correct the YAML",
          where: { file, line: counter.linePos(error.pos[0]).line },
        }),
      ),
    );
  }
  for (const document of documents) {
    const doubled = doubledKey(document);
    if (doubled) {
      throw failure("LF1023", {
        what: `the key ${doubled.key} is there twice`,
        why: "one of the two would silently not count",
        fix: "remove one of them",
        where: { file, line: counter.linePos(doubled.offset).line },
      });
    }
  }
  return documents.map((document) => ({
    value: plainOf(document, file),
    line: counter.linePos(document.contents?.range?.[0] ?? 0).line,
  }));
}

/** The first key that a map has twice. */
function doubledKey(document: Document): { key: string; offset: number } | undefined {
  let doubled: { key: string; offset: number } | undefined;
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const text = String(key.value);
        if (seen.has(text) && text !== "<<") doubled ??= { key: text, offset: key.range?.[0] ?? 0 };
        seen.add(text);
      }
      return doubled ? visit.BREAK : undefined;
    },
  });
  return doubled;
}

function plainOf(document: Document, file: string): unknown {
  const value = guarded(file, () => document.toJS({ maxAliasCount: mostAliases }));
  refuseHostile(value, file, 0);
  return value;
}

/**
 * What would cost the parser all memory or hours, found before it starts: brackets, or list marks on one line, deeper
 * than any object has; and aliases by the thousand, each of which it looks up anew.
 */
function hostility(text: string): string | undefined {
  const few = (pattern: RegExp, most: number) => (text.match(pattern)?.length ?? 0) <= most;
  const tame = few(/[[{]/g, mostDepth) && few(/\*[^\s*]/g, mostAliases) && !/(?:[-?] +){100}/.test(text);
  if (tame) return undefined;
  const counts = { depth: 0, marks: 0, aliases: 0 };
  for (const lexeme of new Lexer().lex(text)) {
    count(lexeme, counts);
    if (counts.depth > mostDepth || counts.marks > mostDepth) return tooDeep;
    if (counts.aliases > mostAliases) return `it has more than ${mostAliases} aliases`;
  }
  return undefined;
}

const steps: Record<string, number> = { "[": 1, "{": 1, "]": -1, "}": -1 };

function count(lexeme: string, counts: { depth: number; marks: number; aliases: number }): void {
  counts.depth += steps[lexeme] ?? 0;
  if (lexeme === "-" || lexeme === "?") counts.marks++;
  else if (lexeme.includes("\n")) counts.marks = 0;
  else if (lexeme.startsWith("*")) counts.aliases++;
}

/** Endless nesting ends a recursive reader with an error of the engine, which says nothing to its user. */
function guarded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(file, tooDeep);
    throw unreadable(file, messageOf(error));
  }
}

function refuseHostile(value: unknown, file: string, depth: number): void {
  if (value === null || typeof value !== "object") return;
  if (depth > mostDepth) throw unreadable(file, tooDeep);
  if (!Array.isArray(value) && Object.hasOwn(value, "__proto__"))
    throw unreadable(file, "it has a key `__proto__`");
  for (const item of Object.values(value)) refuseHostile(item, file, depth + 1);
}

function unreadable(file: string, why: string): LandfallError {
  return failure("LF1023", {
    what: `${file} cannot be read`,
    why,
    fix: "correct it, or leave it out of the import",
  });
}
