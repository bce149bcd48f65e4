import type { AppSpecInput } from "../model/app.ts";
import { partConstants } from "../model/part-constants.ts";
import type { Tree } from "./assemble.ts";
import { inOrder } from "./order.ts";
import { Code, print } from "./print-ts.ts";
import { fits, sharedPatches, without } from "./shared-patches.ts";
import type { Branch } from "./source.ts";

/** A tree as a declaration in TypeScript. `head` is the comment at its top, line by line. */
export function writeTypeScript(tree: Tree, head: string[]): string {
  const { landfall, company, clusters, parts, apps, secrets = {}, ...rest } = tree;
  const handles = Object.keys(parts).map((id) => partConstants.get(id) ?? id);
  const [cluster = "local", spec] = Object.entries(clusters)[0] ?? [];
  const { type, ...own } = (spec ?? {}) as { type?: string };
  const make = type === "kubernetes" ? "kubernetesCluster" : "localCluster";
  const names = new Names([...handles, "app", "company", make, "environment", "secret"]);
  const place = names.of(cluster);
  const shared = sharedPatches(
    Object.values(apps).map(({ adjust }) => ({ patch: (adjust?.patch ?? []) as never })),
  );
  const constants = new Map([...shared.keys()].map((kind) => [kind, names.of(`${lower(kind)}-as-it-was`)]));
  const order = inOrder(apps);
  const variables = new Map(order.map((app) => [app, names.of(app)]));
  const references = new Map(Object.keys(secrets as object).map((name) => [name, names.of(name)]));
  const declared = new Set<string>();
  const lines = [
    ...head.map((line) => (line === "" ? "" : `// ${line}`)),
    `import { app, company, ${make}${references.size > 0 ? ", secret" : ""} } from "landfall";`,
    `import { ${handles.join(", ")} } from "landfall/parts";`,
    "",
    `const ${place} = ${make}(${JSON.stringify(cluster)}${Object.keys(own).length > 0 ? `, ${print(own)}` : ""});`,
    "",
    ...[...references].map(([name, variable]) => `const ${variable} = secret(${JSON.stringify(name)});`),
    ...(references.size > 0 ? [""] : []),
    ...sharedConstants(shared, constants),
    ...order.flatMap((app) => {
      const text = appText(app, apps[app] ?? {}, { shared, constants, variables, references, declared });
      declared.add(app);
      return [text, ""];
    }),
    `export default company(${JSON.stringify(company)}, ${print({
      landfall,
      ...rest,
      clusters: [new Code(place)],
      parts: handles.map((handle) => new Code(`${handle}()`)),
      apps: order.map((app) => new Code(variables.get(app) ?? "")),
    })});`,
    "",
  ];
  return lines.join("\n");
}

const lower = (kind: string) => kind.replace(/[A-Z]/g, (c, i) => `${i ? "-" : ""}${c.toLowerCase()}`);

interface Known {
  shared: Map<string, Branch>;
  constants: Map<string, string>;
  variables: Map<string, string>;
  /** The constants of secrets. */
  references: Map<string, string>;
  /** The apps whose constants stand above. */
  declared: Set<string>;
}

function sharedConstants(shared: Map<string, Branch>, constants: Map<string, string>): string[] {
  return [...shared].flatMap(([kind, set]) => [
    `/** Leaves out of every ${kind} what landfall would add. Take it away from an app to have landfall's own settings there. */`,
    `const ${constants.get(kind)} = ${print({ kind, set })};`,
    "",
  ]);
}

function appText(name: string, spec: AppSpecInput, known: Known): string {
  const { calls, after, adjust, raw, waive, ...fields } = spec;
  const handle = (app: string) => new Code(known.variables.get(app) ?? "");
  const called = (calls ?? []).map(handle);
  const cyclic = (calls ?? []).some((callee) => !known.declared.has(callee));
  const value = {
    ...fields,
    // In its place among the fields.
    ...(fields.env && { env: variablesOf(fields.env, known) }),
    ...(calls?.length && { calls: cyclic ? new Code(`() => ${print(called, "  ")}`) : called }),
    ...(after?.length && { after: after.map(handle) }),
    ...(adjust && {
      adjust: { ...adjust, ...(adjust.patch && { patch: patches(adjust.patch as never, known) }) },
    }),
    ...(raw && { raw }),
    ...(waive && { waive }),
  };
  return `const ${known.variables.get(name)} = app(${JSON.stringify(name)}, ${print(value)});`;
}

function variablesOf(env: NonNullable<AppSpecInput["env"]>, { references }: Known): object {
  const entries = Object.entries(env).map(([name, value]) => {
    const constant =
      typeof value === "object" && "secret" in value ? references.get(value.secret) : undefined;
    return [name, constant ? new Code(constant) : value];
  });
  return Object.fromEntries(entries);
}

function patches(
  patch: { kind: string; name?: string; set: Branch }[],
  { shared, constants }: Known,
): unknown[] {
  return patch.flatMap((own) => {
    const common = own.name === undefined ? shared.get(own.kind) : undefined;
    if (!common || !fits(own.set, common)) return [own];
    const rest = without(own.set, common);
    return [new Code(constants.get(own.kind) ?? ""), ...(rest ? [{ ...own, set: rest }] : [])];
  });
}

/** Identifiers, each given once. */
class Names {
  readonly #taken: Set<string>;

  constructor(taken: string[]) {
    this.#taken = new Set([...taken, ...reserved]);
  }

  of(name: string): string {
    const camel = name.replace(
      /[^A-Za-z0-9]+(.)?/g,
      (_, next: string | undefined) => next?.toUpperCase() ?? "",
    );
    const plain = /^[A-Za-z]/.test(camel) ? camel : `app${camel}`;
    let chosen = plain;
    for (let n = 2; this.#taken.has(chosen); n++) chosen = n === 2 ? `${plain}App` : `${plain}${n}`;
    this.#taken.add(chosen);
    return chosen;
  }
}

const reserved =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield Object Array Promise Symbol process global globalThis Infinity NaN".split(
    " ",
  );
