import { registry as allParts } from "../../parts/index.ts";
import { LandfallError, type Problem } from "../../util/errors.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import { compile } from "../index.ts";
import type { Plan } from "../plan.ts";
import type { Registry } from "../wire.ts";

/** Compile a folder of these files; the declaration is one of them. */
export function compiled(files: Record<string, string>, registry: Registry = allParts): Promise<Plan> {
  return inFolder(files, (folder) => compile(folder, { registry }));
}

/** The problems that compiling gives; none when it compiles. */
export async function problemsIn(
  files: Record<string, string>,
  registry: Registry = allParts,
): Promise<Problem[]> {
  try {
    await compiled(files, registry);
    return [];
  } catch (error) {
    if (error instanceof LandfallError) return error.problems;
    throw error;
  }
}

/** A declaration in TypeScript: `body` declares the apps, `root` adds to the company. */
export function typescript(body: string, root = "apps: [web]"): string {
  return `import { app, company, environment, kubernetesCluster, localCluster, secret } from "landfall";
import { flux, traefik, gatewayApiCrds, prometheus } from "landfall/parts";
${body}
export default company("shop", {
  landfall: 2,
  ${root.includes("clusters:") ? "" : 'clusters: [localCluster("local")],'}
  ${root.includes("parts:") ? "" : "parts: [flux()],"}
  ${root},
});
`;
}

/** The same in YAML: `apps` is indented by two. */
export function yaml(apps: string, root = ""): string {
  return `landfall: 2
company: shop
${root.includes("clusters:") ? "" : "clusters: { local: { type: local } }"}
${root.includes("parts:") ? "" : "parts: { flux: {} }"}
${root}
${apps ? `apps:\n${apps}` : ""}
`;
}
