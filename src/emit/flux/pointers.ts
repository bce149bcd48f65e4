/**
 * Where the bundles of a cluster lie in the fleet repo, read from and changed in the cluster's own files. What is not
 * changed keeps its bytes, so that a way back gives the file that was there before.
 */
import { CORE_SCHEMA, loadAll } from "js-yaml";
import { toYaml } from "../../util/yaml.ts";
import { copyOf } from "./git-source.ts";

/** One artifact of a cluster's list. */
export interface Listed {
  name: string;
  path: string;
  /** Files elsewhere that it holds too. */
  with?: string[];
}

export const listPath = (cluster: string) => `clusters/${cluster}/artifacts.json`;
/** Where a cluster that reads from a Git host has the same, as an ArtifactGenerator. */
export const generatorPath = (cluster: string) => `clusters/${cluster}/root/artifacts.yaml`;

/** A cluster's list of artifacts, one a line. */
export function listText(artifacts: readonly Listed[]): string {
  return `{ "artifacts": [\n${artifacts.map((artifact) => `  ${JSON.stringify(artifact)}`).join(",\n")}\n] }\n`;
}

/** The path of each bundle in a list's text. */
export function pointersIn(text: string): Map<string, string> {
  const { artifacts } = JSON.parse(text) as { artifacts: Listed[] };
  return new Map(artifacts.map(({ name, path }) => [name, path]));
}

/** A list's text with other paths for some bundles. */
export function withPointers(text: string, pointers: ReadonlyMap<string, string>): string {
  const { artifacts } = JSON.parse(text) as { artifacts: Listed[] };
  return listText(
    artifacts.map((artifact) => ({ ...artifact, path: pointers.get(artifact.name) ?? artifact.path })),
  );
}

interface Generator {
  spec: { artifacts: { name: string; copy: object[] }[] };
}

/** The text of the ArtifactGenerators with other paths for some bundles. */
export function withGeneratorPointers(text: string, pointers: ReadonlyMap<string, string>): string {
  const generators = loadAll(text, { schema: CORE_SCHEMA }) as Generator[];
  for (const { spec } of generators) {
    for (const artifact of spec.artifacts) {
      const path = pointers.get(artifact.name);
      if (path !== undefined) artifact.copy = copyOf(path);
    }
  }
  return generators.map(toYaml).join("---\n");
}
