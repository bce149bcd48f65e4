import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { failure } from "../util/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import type { EstateSize } from "./estate/estate.ts";
import { estateFiles } from "./estate/index.ts";
import { helloFiles, typeScriptDeclaration, yamlDeclaration } from "./init-templates.ts";

export interface InitOptions {
  name?: string;
  form: "ts" | "yaml";
  /** The host name of the first app. @default `<name>.localhost` */
  host?: string;
  /** A generated company of this size instead of a first app. */
  estate?: EstateSize & { files?: boolean };
}

export interface Initialized {
  name: string;
  dir: string;
  files: string[];
}

const schemaName = "landfall.schema.json";

/** Write a working declaration with one small app into a folder. Nothing that is there is overwritten. */
export function initialize(path: string, options: InitOptions): Initialized {
  const dir = resolve(path);
  const name = options.name ?? nameFrom(basename(dir));
  if (!/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/.test(name)) {
    throw failure("LF1015", {
      what: `${name} cannot be a company's name`,
      fix: "use up to 30 of a-z, 0-9 and -, starting with a letter: --name shop",
    });
  }
  const files = filesOf(name, options);
  const taken = Object.keys(files).filter((file) => existsSync(join(dir, file)));
  const declared = existsSync(dir) ? readdirSync(dir).filter((file) => /^landfall\.config\./.test(file)) : [];
  const first = [...declared, ...taken][0];
  if (first) {
    throw failure("LF3001", {
      what: `${join(dir, first)} is there already`,
      why: "init never overwrites",
      fix: "use an empty folder: landfall init my-platform",
    });
  }
  for (const [file, text] of Object.entries(files)) writeFileAtomic(join(dir, file), text);
  return { name, dir, files: Object.keys(files) };
}

function filesOf(
  name: string,
  { form, estate, host = `${name}.localhost` }: InitOptions,
): Record<string, string> {
  const schema: Record<string, string> = form === "yaml" ? { [schemaName]: editorSchema() } : {};
  if (estate) return { ...schema, ...estateFiles(name, { ...estate, form }), ".gitignore": "fleet/\n" };
  const declaration = form === "ts" ? typeScriptDeclaration(name, host) : yamlDeclaration(name, host);
  return { ...declaration, ...schema, ...helloFiles(name) };
}

/** Editors read the schema beside the declaration. */
function editorSchema(): string {
  return readFileSync(new URL(`../../${schemaName}`, import.meta.url), "utf8");
}

function nameFrom(folder: string): string {
  const plain = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 30);
  return plain || "shop";
}
