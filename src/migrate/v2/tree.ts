type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * Version 1 as version 2 means it. YAML has `environments` by name; an evaluated TypeScript declaration has the list
 * of its `prod.set(…)`, of which version 1 took the last of each environment.
 */
export function treeToV2(tree: Tree): Tree {
  if (!isTree(tree.apps)) return { ...tree, landfall: 2 };
  const apps = Object.entries(tree.apps).map(([name, app]) => [name, isTree(app) ? appToV2(app) : app]);
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
    if (!environments.every((entry) => isTree(entry) && "environment" in entry)) return undefined;
    return new Map(environments.map(({ environment, patch }) => [environment, patch]));
  }
  return isTree(environments) ? new Map(Object.entries(environments)) : undefined;
}

/** The `environments` of apps that are still there. */
export function leftOfV1({ apps }: Tree): (string | number)[][] {
  if (!isTree(apps)) return [];
  return Object.entries(apps)
    .filter(([, app]) => isTree(app) && Object.hasOwn(app, "environments"))
    .map(([name]) => ["apps", name, "environments"]);
}
