import { isRecord } from "../../util/records.ts";

type Tree = Record<string, unknown>;

/**
 * Version 1 as version 2 means it. YAML has `environments` by name; an evaluated TypeScript declaration has the list
 * of its `prod.set(…)`, of which version 1 took the last of each environment.
 */
export function treeToV2(tree: Tree): Tree {
  if (!isRecord(tree.apps)) return { ...tree, landfall: 2 };
  const apps = Object.entries(tree.apps).map(([name, app]) => [name, isRecord(app) ? appToV2(app) : app]);
  return { ...tree, landfall: 2, apps: Object.fromEntries(apps) };
}

function appToV2(app: Tree): Tree {
  const { environments, ...rest } = app;
  const patches = patchesOf(environments);
  if (patches === undefined) return app;
  const overrides = [...patches].map(([environment, set]) => ({ where: { environment }, set }));
  return { ...rest, overrides: [...((rest.overrides as unknown[]) ?? []), ...overrides] };
}

/** Patches by environment; undefined where the value is none of the two forms, which the schema then tells. */
function patchesOf(environments: unknown): Map<unknown, unknown> | undefined {
  if (Array.isArray(environments)) {
    if (!environments.every((entry) => isRecord(entry) && "environment" in entry)) return undefined;
    return new Map(environments.map(({ environment, patch }) => [environment, patch]));
  }
  return isRecord(environments) ? new Map(Object.entries(environments)) : undefined;
}

/** The `environments` of apps that are still there. */
export function leftOfV1({ apps }: Tree): (string | number)[][] {
  if (!isRecord(apps)) return [];
  return Object.entries(apps)
    .filter(([, app]) => isRecord(app) && Object.hasOwn(app, "environments"))
    .map(([name]) => ["apps", name, "environments"]);
}
