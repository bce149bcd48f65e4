/** What Kubernetes takes: a ConfigMap or Secret of 1 MiB, and any object of about 1.5 MiB, since etcd takes no more. */
import type { KubernetesObject } from "../schema/object.ts";
import { type Problem, problem } from "../util/errors.ts";
import { identityOf } from "./identity.ts";
import type { Bundle } from "./plan.ts";

const MiB = 1024 * 1024;
/** Room is left for what the API server adds: managed fields name every field again. */
const mostOfObject = MiB;

/** The problem of an object that is too large for the API server; none for others. */
export function sizeProblems(object: KubernetesObject, bundle: Pick<Bundle, "name" | "place">): Problem[] {
  const isData = object.kind === "ConfigMap" || object.kind === "Secret";
  const size = isData ? sizeOf([object.data, object.binaryData, object.stringData]) : sizeOf(object);
  // A text of two bytes a character at most counts half here; only what comes near is measured exactly.
  if (size * 3 < mostOfObject) return [];
  const exact = isData ? dataSize(object) : Buffer.byteLength(JSON.stringify(object));
  if (exact <= mostOfObject) return [];
  return [
    problem("LF2012", {
      what: `${identityOf(object)} has ${(exact / MiB).toFixed(1)} MiB`,
      why: `${bundle.name} renders it, and the API server takes ${isData ? "1 MiB of data" : "1.5 MiB with all that it adds"}`,
      fix: isData
        ? "split it, or keep large files in a volume or in the image"
        : "split it into several objects",
      where: bundle.place,
    }),
  ];
}

/** Characters and keys of a value, as a quick lower bound of its bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 4;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item);
  else {
    const entries = value as Record<string, unknown>;
    for (const key in entries) size += key.length + sizeOf(entries[key]);
  }
  return size;
}

/** The bytes of a ConfigMap's or Secret's values, as Kubernetes counts them. */
function dataSize({ kind, data = {}, binaryData = {}, stringData = {} }: KubernetesObject): number {
  const bytes = (values: unknown, encoding: "utf8" | "base64") =>
    Object.values(values as Record<string, string>).reduce(
      (sum, value) => sum + Buffer.byteLength(value, encoding),
      0,
    );
  const coded = kind === "Secret" ? "base64" : "utf8";
  return bytes(data, coded) + bytes(binaryData, "base64") + bytes(stringData, "utf8");
}
