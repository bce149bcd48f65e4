import { type Check, createCompiler, lazy } from "./compiler.ts";
import { groupOf, versionOf } from "./object.ts";
import {
  type Crd,
  type KindInfo,
  type KubernetesVersion,
  kindOf,
  kubernetesSchemas,
  packedCrd,
  type Schema,
} from "./pack.ts";
import { structuralUnits, type Units } from "./structural.ts";

/** A kind and the check of its objects. Kubernetes' own kinds take null for absent, CRDs do not. */
export interface Kind extends KindInfo {
  check: Check;
  nullIsAbsent: boolean;
}

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const families = new Map<KubernetesVersion, (name: string) => Check>();
const kinds = new Map<string, Kind>();
const crdChecks = new WeakMap<Crd, Map<string, Check>>();

/** The kind of an object by its Kubernetes version's own kinds and the pack's bundles; compiled once. */
export function packedKind(
  kubernetes: KubernetesVersion,
  apiVersion: string,
  kind: string,
): Kind | undefined {
  const key = `${kubernetes} ${apiVersion}/${kind}`;
  const found = kinds.get(key);
  if (found) return found;
  const info = kindOf(apiVersion, kind);
  if (!info) return undefined;
  const definition = kubernetesSchemas(kubernetes).kinds[`${apiVersion}/${kind}`];
  const crd = packedCrdOf(info, apiVersion, kind);
  if (!definition && !crd) return undefined;
  const check = definition ? familyOf(kubernetes)(definition) : crdCheck(crd as Crd, kubernetes, apiVersion);
  const made: Kind = { ...info, check, nullIsAbsent: definition !== undefined };
  kinds.set(key, made);
  return made;
}

/** The kind of an object by CRDs that the caller brings. */
export function extraKind(
  crds: readonly Crd[],
  kubernetes: KubernetesVersion,
  apiVersion: string,
  kind: string,
): Kind | undefined {
  const crd = crds.find(({ spec }) => {
    if (spec.names.kind !== kind || spec.group !== groupOf(apiVersion)) return false;
    return spec.versions.some(({ name, served }) => served && name === versionOf(apiVersion));
  });
  if (!crd) return undefined;
  const { scope, names } = crd.spec;
  return {
    namespaced: scope === "Namespaced",
    plural: names.plural,
    source: "extra",
    check: crdCheck(crd, kubernetes, apiVersion),
    nullIsAbsent: false,
  };
}

function packedCrdOf(info: KindInfo, apiVersion: string, kind: string): Crd | undefined {
  return info.source.startsWith("crds/") ? packedCrd(info.source, apiVersion, kind) : undefined;
}

function familyOf(kubernetes: KubernetesVersion): (name: string) => Check {
  let family = families.get(kubernetes);
  if (!family) {
    const { definitions } = kubernetesSchemas(kubernetes);
    family = createCompiler((name) => deferRefs(definitions[name] ?? {}, definitions));
    families.set(kubernetes, family);
  }
  return family;
}

/** The check of one version of a CRD. The schema is read when the first object is checked. */
function crdCheck(crd: Crd, kubernetes: KubernetesVersion, apiVersion: string): Check {
  const known = crdChecks.get(crd) ?? new Map<string, Check>();
  crdChecks.set(crd, known);
  const version = versionOf(apiVersion);
  let check = known.get(version);
  if (!check) {
    const served = crd.spec.versions.find(({ name }) => name === version);
    const units: Units = structuralUnits(served?.schema?.openAPIV3Schema ?? {}, {
      apiVersion,
      kind: crd.spec.names.kind,
      openStatus: served?.subresources?.status !== undefined,
    });
    const { definitions } = kubernetesSchemas(kubernetes);
    check = createCompiler((name) => {
      const unit = units.get(name);
      return unit ?? deferRefs(definitions[name === "metadata" ? objectMeta : name] ?? {}, definitions);
    })("root");
    known.set(version, check);
  }
  return check;
}

/** References to objects become lazy ones; references to plain values are put in place. */
function deferRefs(schema: Schema, definitions: Record<string, Schema>): Schema {
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.replace("#/definitions/", "");
    const target = definitions[name] ?? {};
    return target.properties ? { [lazy]: name } : target;
  }
  const result: Schema = { ...schema };
  for (const key of ["items", "additionalProperties"]) {
    const child = schema[key];
    if (typeof child === "object" && child !== null) result[key] = deferRefs(child as Schema, definitions);
  }
  if (schema.properties) {
    const properties = Object.entries(schema.properties as Record<string, Schema>);
    result.properties = Object.fromEntries(properties.map(([k, v]) => [k, deferRefs(v, definitions)]));
  }
  return result;
}
