/** Everything that is emitted for what this repository declares: its examples, the full declaration, each part alone. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { objectsIn } from "../../src/changes/manifests.ts";
import { compile } from "../../src/compile/index.ts";
import type { Plan } from "../../src/compile/plan.ts";
import { emitFleet } from "../../src/emit/flux/index.ts";
import { registry } from "../../src/parts/index.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { crdBundle } from "../../src/schema/pack.ts";
import { objectsOf } from "./shop.ts";

/** Objects that go to one cluster together. */
export interface Emitted {
  /** `examples/shop on local`, `parts/traefik default`. */
  name: string;
  /** Without definitions of custom resources, whose kinds `definitions` has. */
  objects: KubernetesObject[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const isDefinition = ({ kind }: KubernetesObject) => kind === "CustomResourceDefinition";

/** Every example's and declaration's clusters, and every golden of the catalogue. */
export async function everything(): Promise<Emitted[]> {
  const declared = [...readdirSync(join(root, "examples")).map((name) => `examples/${name}`)]
    .concat("test/declarations/full")
    .filter((folder) =>
      ["ts", "yaml"].some((form) => existsSync(join(root, folder, `landfall.config.${form}`))),
    );
  const compiled = await Promise.all(declared.map(clustersOf));
  return [...compiled.flat(), ...catalogue()].filter(({ objects }) => objects.length > 0);
}

/** Each object once, for judges that look at one object at a time: clusters share most of what they get. */
export function distinct(emitted: Emitted[]): Emitted[] {
  const seen = new Set<string>();
  const isNew = (object: KubernetesObject) => {
    const text = JSON.stringify(object);
    return !seen.has(text) && seen.add(text);
  };
  return emitted
    .map(({ name, objects }) => ({ name, objects: objects.filter(isNew) }))
    .filter(({ objects }) => objects.length > 0);
}

/** The definitions of every custom resource that is emitted. */
export function definitions(): KubernetesObject[] {
  return (["external-dns", "flagger", "flux", "flux-source-watcher", "gateway-api"] as const).flatMap(
    (name) => [...crdBundle(name)],
  );
}

async function clustersOf(folder: string): Promise<Emitted[]> {
  const plan = await compile(join(root, folder), { registry });
  const clusters = plan.clusters.map((cluster) => ({
    name: `${folder} on ${cluster.name}`,
    objects: objectsOf(cluster).filter((object) => !isDefinition(object)),
  }));
  return [...clusters, { name: `${folder} delivery`, objects: delivery(plan) }];
}

/** What delivers the bundles: objects that are written beside them and are in none. */
function delivery(plan: Plan): KubernetesObject[] {
  return [...emitFleet(plan)]
    .filter(([path]) => /^(clusters|delivery)\/.*\.yaml$/.test(path))
    .flatMap(([, text]) => objectsIn(text))
    .filter(({ apiVersion }) => /\.fluxcd\.io\//.test(apiVersion));
}

function catalogue(): Emitted[] {
  const parts = join(root, "src/parts");
  const goldens = readdirSync(parts, { recursive: true, encoding: "utf8" })
    .filter((path) => /\/golden\/[^/]+\.yaml$/.test(path))
    .sort();
  return goldens.map((path) => {
    const [part, , file = ""] = path.split("/");
    return {
      name: `parts/${part} ${file.replace(".yaml", "")}`,
      // Rules that parts contribute to each other have a golden too, and are no objects.
      objects: objectsIn(readFileSync(join(parts, path), "utf8")).filter(
        ({ apiVersion }) => apiVersion !== "golden",
      ),
    };
  });
}
