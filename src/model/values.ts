import { z } from "zod";

/** Attach what every field must have: a description and an example. Editors, docs and the console read both. */
export function field<S extends z.ZodType>(schema: S, description: string, example: unknown): S {
  return schema.meta({ description, examples: [example] });
}

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** A DNS-1035 label: what Kubernetes takes as the name of a Service. */
export const name = z
  .string()
  .regex(label, "must be a DNS label: a-z, 0-9 and -, starting with a letter")
  .max(50);

/** A service name as IANA has it (RFC 6335), in lower case: what Kubernetes takes as the name of a port. */
export const portName = z
  .string()
  .regex(
    /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "must be a port name: at most 15 of a-z, 0-9 and single inner -, with a letter among them",
  );

/** Where an app may reach outside the cluster: every public address, or one network as a CIDR. */
export const destination = z
  .string()
  .refine(
    (to) =>
      to === "internet" ||
      to === "gateway" ||
      z.cidrv4().safeParse(to).success ||
      z.cidrv6().safeParse(to).success,
    "must be `internet`, `gateway` or a CIDR such as 203.0.113.0/24",
  );

/** A Kubernetes label value. */
export const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, "must be a Kubernetes label value");

/** A host name without a port; a wildcard is allowed as the first label. */
export const hostname = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "must be a host name in lower case",
  );

/** A Kubernetes quantity of CPU, e.g. `100m` or `2`. */
export const cpu = z.string().regex(/^(\d+m|\d+(\.\d+)?)$/, "must be a CPU quantity such as 100m or 2");

/** A Kubernetes quantity of bytes, e.g. `128Mi`. */
export const bytes = z
  .string()
  .regex(/^\d+(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/, "must be a size such as 128Mi or 2Gi");

/** A duration in Go's and Prometheus' common form, e.g. `30s`, `15d`. */
export const duration = z.string().regex(/^\d+(ms|s|m|h|d|w)$/, "must be a duration such as 30s, 5m or 15d");

export const port = z.int().min(1).max(65535);

/** An absolute path inside a container. */
export const absolutePath = z
  .string()
  .regex(/^\/[^\0]*$/, "must be an absolute path")
  .refine((p) => !p.split("/").includes(".."), "must not contain ..");

/** A path inside the declaration's folder. */
export const relativePath = z
  .string()
  .min(1)
  .refine(
    (p) => !p.startsWith("/") && !p.split("/").includes(".."),
    "must stay inside the declaration's folder",
  );

export const labels = z.record(z.string(), labelValue);
