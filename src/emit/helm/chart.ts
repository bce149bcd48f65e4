import { readdirSync, readFileSync } from "node:fs";
import { valuesJsonSchema } from "./schema.ts";

/** The generic chart's name and version, as charts that depend on it name it. */
export const chartName = "app";
export const chartVersion = "1.0.0";

const folder = new URL("./chart/", import.meta.url);

/** The files of the generic chart by path. */
export function chartFiles(): [path: string, text: string][] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.pathname.length))
    .map((path) => path.replace(/^\/+/, ""));
  const files = paths.map((path): [string, string] => [path, readFileSync(new URL(path, folder), "utf8")]);
  return [...files, ["values.schema.json", valuesJsonSchema()]];
}
