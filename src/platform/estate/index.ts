import { failure } from "../../util/errors.ts";
import type { EstateSize } from "./estate.ts";
import { generateEstate } from "./generate.ts";
import { typeScriptFiles } from "./typescript-files.ts";
import { typeScriptForm } from "./typescript-form.ts";
import { yamlForm } from "./yaml-form.ts";

export interface EstateOptions extends EstateSize {
  form: "ts" | "yaml";
  /** A file for each app also in TypeScript; YAML always has them. */
  files?: boolean;
}

/** The files of a generated estate by path: the same for the same options and company. */
export function estateFiles(
  company: string,
  { form, files, ...size }: EstateOptions,
): Record<string, string> {
  const estate = generateEstate(size, company);
  if (form === "yaml") return yamlForm(estate);
  const program = typeScriptForm(estate);
  return files ? typeScriptFiles(estate, program["clusters.json"] ?? "") : program;
}

const most = { apps: 100_000, clusters: 5_000 };

/** Read `apps=10000,clusters=1000` and a seed. Throws LF9001. */
export function parseEstate(text: string, seed: string): EstateSize {
  const size: Record<string, number> = { apps: 100, clusters: 10 };
  for (const pair of text.split(",")) {
    const [, key = "", digits = ""] = pair.match(/^(apps|clusters)=(\d{1,9})$/) ?? [];
    size[key] = Number(digits);
    const top = most[key as keyof typeof most];
    if (top === undefined || size[key] < 1 || size[key] > top) throw wrong(`--estate ${text}`);
  }
  if (!/^\d{1,9}$/.test(seed)) throw wrong(`--seed ${seed}`);
  return { apps: size.apps ?? 0, clusters: size.clusters ?? 0, seed: Number(seed) };
}

function wrong(what: string) {
  return failure("LF9001", {
    what: `${what} is not the size of an estate`,
    fix: `write for example --estate apps=200,clusters=20 --seed 1; there can be ${most.apps} apps and ${most.clusters} clusters`,
  });
}
