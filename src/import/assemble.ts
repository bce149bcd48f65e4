/**
 * From objects to the tree of a declaration, in two rounds: what the apps' fields say is compiled with the compiler's
 * own functions, compared with the originals, and completed by `adjust`, `raw` and `waive`.
 */
import type { ImageNames } from "../compile/image-names.ts";
import { renderApp } from "../compile/render-app.ts";
import { resolveClusters } from "../compile/resolve.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import type { AppSpecInput } from "../model/app.ts";
import { parseCompany } from "../model/parse.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { LandfallError } from "../util/errors.ts";

/** A declaration as plain data: what the YAML form says. */
export interface Tree {
  company: string;
  clusters: Record<string, object>;
  parts: Record<string, object>;
  apps: Record<string, AppSpecInput>;
  [key: string]: unknown;
}

/** Images that are built are named when they are; here any name will do. */
const images: ImageNames = {
  of: (app, { image }) => image ?? `registry.localhost/${app}:source`,
  references: () => [],
};

/** The apps of a tree on its first cluster, with what each is rendered to. */
export function renderTree(tree: Tree): Map<string, { app: PlacedApp; objects: KubernetesObject[] }> {
  const place = (path: readonly (string | number)[]) => ({ file: "the import", path: path.join(".") });
  const declaration = {
    file: "",
    dir: "",
    tree,
    data: [],
    place,
    placeInData: () => place([]),
    problems: [],
  };
  const { company, problems } = parseCompany(declaration as never);
  if (!company || problems.length > 0) throw new LandfallError(problems);
  const [cluster] = resolveClusters(company, images);
  const services = { gateway: undefined, dns: undefined, metricsStore: undefined };
  const rendered = (cluster?.apps ?? []).map(
    (app) => [app.name, { app, objects: renderApp(app, services, (secret) => secret) }] as const,
  );
  return new Map(rendered);
}
