import { parseAllDocuments } from "yaml";

export interface Crd {
  apiVersion: string;
  kind: string;
  metadata: { name: string; creationTimestamp?: unknown };
  spec: {
    group: string;
    names: { kind: string; plural: string };
    scope: "Namespaced" | "Cluster";
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      schema: { openAPIV3Schema: Schema };
    }[];
  };
  status?: unknown;
}

type Schema = Record<string, unknown>;

/** The CRDs of a YAML file, as they are applied, without descriptions. */
export function readCrds(text: string): Crd[] {
  return parseDocuments(text)
    .filter((object): object is Crd => object?.kind === "CustomResourceDefinition")
    .map((crd) => {
      delete crd.status;
      delete crd.metadata.creationTimestamp;
      crd.spec.versions = crd.spec.versions.filter((version) => version.served || version.storage);
      for (const version of crd.spec.versions) dropDescriptions(version.schema.openAPIV3Schema);
      return crd;
    });
}

/**
 * Flagger wraps quoted descriptions to their key's own column, which Go's parser takes and YAML forbids.
 * Where a file does not parse, wrapped descriptions are emptied, as they are dropped anyway.
 */
function parseDocuments(text: string): (Crd | null)[] {
  const documents = parseAllDocuments(text);
  const error = documents.flatMap((document) => document.errors)[0];
  if (!error) return documents.map((document) => document.toJS() as Crd | null);
  const repaired = text.replace(/^( +description: )'[^'\n]*(?:\n[^'\n]*)+'$/gm, "$1''");
  if (repaired === text) throw error;
  return parseDocuments(repaired);
}

/** Delete `description` at every schema level; properties, enums and defaults of that name stay. */
function dropDescriptions(schema: Schema): void {
  delete schema.description;
  for (const child of Object.values((schema.properties ?? {}) as Record<string, Schema>)) {
    dropDescriptions(child);
  }
  for (const key of ["items", "additionalProperties", "not"]) {
    const child = schema[key];
    if (typeof child === "object" && child !== null) dropDescriptions(child as Schema);
  }
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    for (const child of (schema[key] ?? []) as Schema[]) dropDescriptions(child);
  }
}
