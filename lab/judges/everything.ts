/** Everything that is emitted for what this repository declares: its examples, the full declaration, each part alone. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { compile } from "../../src/compile/index.ts";
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
    .filter((folder) => existsSync(join(root, folder, "landfall.config.ts")));
  const compiled = await Promise.all(declared.map(clustersOf));
  return [...compiled.flat(), ...catalogue()].filter(({ objects }) => objects.length > 0);
}

/** The definitions of every custom resource that is emitted. */
export function definitions(): KubernetesObject[] {
  return (["flagger", "flux", "flux-source-watcher", "gateway-api"] as const).flatMap((name) => [
    ...crdBundle(name),
  ]);
}

async function clustersOf(folder: string): Promise<Emitted[]> {
  const { clusters } = await compile(join(root, folder), { registry });
  return clusters.map((cluster) => ({
    name: `${folder} on ${cluster.name}`,
    objects: objectsOf(cluster).filter((object) => !isDefinition(object)),
  }));
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
      objects: parseAllDocuments(readFileSync(join(parts, path), "utf8"))
        .map((document) => document.toJS() as KubernetesObject | null)
        .filter((object) => object !== null)
        // Rules that parts contribute to each other have a golden too, and are no objects.
        .filter(({ apiVersion }) => apiVersion !== "golden"),
    };
  });
}
