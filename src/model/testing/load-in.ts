import { LandfallError, type Problem } from "../../util/errors.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import type { Declaration } from "../declaration.ts";
import { loadDeclaration } from "../load.ts";
import { parseCompany } from "../parse.ts";

/** The start of a declaration in YAML whose apps are in `apps/`. */
export const yamlRoot =
  "landfall: 2\ncompany: shop\ninclude: [apps]\nenvironments: { prod: {} }\nclusters: { eu: { type: local, environment: prod } }\n";

/** The same in TypeScript. */
export const typescriptRoot = `import { company, localCluster } from "landfall";
import { prod } from "./platform.ts";
export default company("shop", { landfall: 2, include: ["apps"], clusters: [localCluster("eu", { environment: prod })] });
`;
export const platform = `import { environment } from "landfall";\nexport const prod = environment("prod");\n`;

/** Load the declaration that these files make; links are made from name to target first. */
export function loadIn<T>(
  files: Record<string, string>,
  use: (declaration: Declaration, folder: string) => T | Promise<T>,
): Promise<T> {
  return inFolder(files, async (folder) => use(await loadDeclaration(folder), folder));
}

/** Every problem of reading a declaration and of its form, as `code file:line:column what`. */
export async function problemsOfLoading(files: Record<string, string>): Promise<string[]> {
  return inFolder(files, (folder) => problemsIn(folder));
}

export async function problemsIn(folder: string): Promise<string[]> {
  return (await problemsAt(folder)).map(({ code, what, where }) => {
    const file = where?.file.split(`${folder.split("/").at(-1)}/`).at(-1);
    return `${code} ${[file, where?.line, where?.column].filter((part) => part !== undefined).join(":")} ${what}`;
  });
}

async function problemsAt(folder: string): Promise<Problem[]> {
  try {
    return parseCompany(await loadDeclaration(folder)).problems;
  } catch (error) {
    if (error instanceof LandfallError) return error.problems;
    throw error;
  }
}
