/** The catalogue of parts for people: what there is, and how parts meet. */
import type { AnyPart } from "../../kit/part.ts";
import type { Need } from "../../kit/token.ts";
import { registry } from "../../parts/index.ts";

const parts = Object.values(registry);
const none = "–";

/** `docs/parts.md` as Markdown, from the registry alone. */
export function partsPage(): string {
  return `# Parts

Generated from the definitions in \`src/parts\`. A part is one integrated system; a declaration lists those it wants under
\`parts\`. Options are in [declaration.md](declaration.md#parts), everything else in each part's own page.

${table(["part", "what it is", "category", "namespace", "Pod Security"], parts.map(partRow))}

## How parts meet

Parts never name each other. One provides a token, others need it; a declaration in which a needed token has no
provider, or two, is refused. Needs in brackets are met where they can be.

${table(["part", "provides", "needs"], parts.map(meetingRow))}

## What each token stands for

${table(["token", "stands for", "provided by", "needed by"], tokenRows())}

## Images

Where an image cannot be pulled, it is made as told here under the same name; another version than the reference's is
recorded in \`landfall.lock\`.

${table(["part", "image", "made of, where it cannot be pulled"], parts.flatMap(imageRows))}

## Waivers

What cannot keep the policy set or the Pod Security level "restricted", and why.

${table(["part", "waived", "reason"], parts.flatMap(waiverRows))}
`;
}

function partRow(part: AnyPart): string[] {
  const page = `[${part.id}](../src/parts/${part.id}/README.md)`;
  const namespace = part.namespace ?? part.id;
  const title = `[${part.title}](${part.docs})`;
  return [page, title, part.category, code([namespace]), part.podSecurity?.level ?? "restricted"];
}

function meetingRow(part: AnyPart): string[] {
  const provides = (part.provides ?? []).map(({ token }) => token.id);
  const adds = (part.contributes ?? []).map(({ collection }) => `adds to \`${collection.id}\``);
  const needs = Object.values(part.needs ?? {}).map((need) =>
    need.kind === "optional" ? `(\`${need.token.id}\`)` : `\`${need.id}\``,
  );
  return [part.id, [code(provides), ...adds].filter(Boolean).join(", "), needs.join(", ")];
}

function tokenRows(): string[][] {
  const tokens = parts.flatMap(({ provides = [] }) => provides.map(({ token }) => token));
  return [...new Set(tokens)]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((token) => {
      const providers = parts.filter((part) => part.provides?.some((p) => p.token.id === token.id));
      const needers = parts.filter((part) =>
        Object.values(part.needs ?? {}).some((n) => idOf(n) === token.id),
      );
      return [`\`${token.id}\``, token.title, idsOf(providers), idsOf(needers)];
    });
}

function imageRows(part: AnyPart): string[][] {
  return Object.values(part.images ?? {}).map(({ ref, recipe }) => [part.id, code([ref]), madeOf(recipe)]);
}

function madeOf(recipe: NonNullable<AnyPart["images"]>[string]["recipe"]): string {
  if (recipe?.kind === "program") {
    const { programs, debian } = recipe.with ?? { programs: [], debian: [] };
    const beside = programs.length + debian.length > 0 ? ` with ${code([...programs, ...debian])}` : "";
    return `its Go module, ${recipe.version}${beside}`;
  }
  if (recipe?.kind === "debian") return `Debian's ${code(recipe.packages)}, ${recipe.version}`;
  return "";
}

function waiverRows(part: AnyPart): string[][] {
  const level = part.podSecurity;
  return [
    ...(level ? [[part.id, `Pod Security: ${level.level}`, level.reason]] : []),
    ...(part.waivers ?? []).map(({ rule, reason }) => [part.id, code([rule]), reason]),
  ];
}

const idOf = (need: Need) => (need.kind === "optional" ? need.token.id : need.id);
const idsOf = (some: AnyPart[]) => some.map(({ id }) => id).join(", ");
const code = (words: string[]) => words.map((word) => `\`${word}\``).join(", ");

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => (cell || none).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
