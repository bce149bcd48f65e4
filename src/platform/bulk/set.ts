import { loadDeclaration } from "../../model/load.ts";
import { counted } from "../../util/counted.ts";
import { failure } from "../../util/errors.ts";
import { type Applied, type ApplyOptions, applyChange } from "./apply.ts";
import { type Edits, editsFor } from "./edits.ts";
import { commitMessage } from "./message.ts";
import { companyOf } from "./proof.ts";
import { type Selection, selector } from "./where.ts";
import { readWishes, type WishKind } from "./wishes.ts";

export interface SetOptions extends ApplyOptions {
  kind: WishKind;
  /** As they are written on the command line, e.g. `["web=registry.example.com/web:1.2"]`. */
  values: string[];
  /** e.g. `tier=web,env=prod`. */
  where?: string;
  /** Every app, where nothing is said of which. */
  all?: boolean;
}

export interface BulkResult extends Edits, Applied {
  /** How many apps change. */
  apps: number;
}

/** Change values of many apps by one command. Throws with nothing changed. */
export async function setValues(path: string, options: SetOptions): Promise<BulkResult> {
  const { kind, values, where = "", all } = options;
  const wishes = readWishes(kind, values);
  const declaration = await loadDeclaration(path);
  const company = companyOf(declaration);
  if (where === "" && !all && wishes.some(({ app }) => app === undefined)) throw noWhere(kind, values);
  const select = selector(company);
  const selections = new Map(wishes.map((wish) => [wish, select(withApp(where, wish.app))]));
  const edits = editsFor(company, wishes, selections);
  const [selection] = selections.values() as Iterable<Selection>;
  const apps = new Set(edits.edits.map(({ app }) => app)).size;
  const title = `set ${kind} ${values.join(" ")} for ${counted(apps, "app")}`;
  const applied = await applyChange(
    {
      declaration,
      company,
      edits: edits.edits,
      clustersOf: ({ app, scope }) => selection?.clustersOf(app, scope) ?? [],
      message: commitMessage(title, where, edits.edits),
    },
    options,
  );
  return { ...edits, ...applied, apps };
}

function withApp(where: string, app: string | undefined): string {
  if (app !== undefined && /(^|,)\s*app=/.test(where))
    throw failure("LF9001", { what: `${app} and ${where} both name an app`, fix: "name it once" });
  return [where, app === undefined ? "" : `app=${app}`].filter(Boolean).join(",");
}

/** Every app at once is seldom meant, so it is not what one gets by leaving something out. */
function noWhere(kind: WishKind, values: string[]) {
  return failure("LF9001", {
    what: "it is not said for which apps",
    fix: `add --where, for example: landfall set ${kind} ${values.join(" ")} --where tier=web,env=prod; --all means every app`,
  });
}
