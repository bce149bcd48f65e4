/** What the API server demands of names, labels and sizes, which no OpenAPI document says. */
import type { SchemaIssue } from "./issues.ts";
import { groupOf, type KubernetesObject } from "./object.ts";
import { appendPath } from "./path.ts";

type Rule = [pattern: RegExp, max: number, form: string];

const subdomain: Rule = [
  /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  253,
  "lower-case letters, digits, - and ., beginning and ending with a letter or digit (DNS subdomain)",
];
const label: Rule = [
  /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  63,
  "lower-case letters, digits and -, beginning and ending with a letter or digit (DNS label)",
];
/** Kubernetes 1.36 also takes a leading digit; older servers and many DNS servers do not. */
const service: Rule = [
  /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/,
  63,
  "lower-case letters, digits and -, beginning with a letter and ending with a letter or digit (DNS-1035 label)",
];
const pathSegment: Rule = [/^(?!\.{1,2}$)[^/%]+$/, 253, "anything but / and %"];

/** By kind; every other kind's name is a DNS subdomain. Limits below 253 leave room for what is appended. */
const nameRules: Record<string, Rule> = {
  "/Namespace": label,
  "/Service": service,
  "batch/CronJob": [subdomain[0], 52, subdomain[2]],
  "batch/Job": [subdomain[0], 63, subdomain[2]],
  "rbac.authorization.k8s.io/Role": pathSegment,
  "rbac.authorization.k8s.io/ClusterRole": pathSegment,
  "rbac.authorization.k8s.io/RoleBinding": pathSegment,
  "rbac.authorization.k8s.io/ClusterRoleBinding": pathSegment,
  "networking.k8s.io/IPAddress": pathSegment,
};

const labelText = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const annotationBytes = 256 * 1024;

/** What is known of where the object goes. `requireNamespace`: objects of namespaced kinds must name theirs. */
export interface MetadataOptions {
  namespaced: boolean;
  requireNamespace?: boolean;
}

/** Issues of name, namespace, labels (pod templates' and selectors' too) and annotations. */
export function checkMetadata(object: KubernetesObject, options: MetadataOptions): SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  const report = (path: string, message: string, keyword: string) => issues.push({ path, message, keyword });
  const { metadata } = object;
  if (metadata === undefined) report("metadata", "required field is missing", "required");
  if (typeof metadata !== "object" || metadata === null) return issues;
  checkName(object, report);
  checkNamespace(object, options, report);
  checkLabels(metadata.labels, "metadata.labels", report);
  checkAnnotations(metadata.annotations, "metadata.annotations", report);
  checkTemplates(object.spec, "spec", report);
  return issues;
}

type Report = (path: string, message: string, keyword: string) => void;

function checkName({ apiVersion, kind, metadata }: KubernetesObject, report: Report): void {
  const { name } = metadata;
  if (name === undefined) report("metadata.name", "required field is missing", "required");
  if (typeof name !== "string") return;
  const [pattern, max, form] = nameRules[`${groupOf(apiVersion)}/${kind}`] ?? subdomain;
  if (!pattern.test(name)) report("metadata.name", `must be ${form}, is "${name}"`, "name");
  else if (name.length > max) report("metadata.name", `must have at most ${max} characters`, "name");
}

function checkNamespace(
  { kind, metadata }: KubernetesObject,
  options: MetadataOptions,
  report: Report,
): void {
  const { namespace } = metadata;
  const path = "metadata.namespace";
  if (namespace === undefined) {
    if (options.namespaced && options.requireNamespace)
      report(path, `a ${kind} needs a namespace`, "namespace");
  } else if (!options.namespaced) report(path, `a ${kind} is cluster-wide and has no namespace`, "namespace");
  else if (typeof namespace === "string" && !(label[0].test(namespace) && namespace.length <= label[1])) {
    report(path, `must be ${label[2]} of at most 63 characters, is "${namespace}"`, "namespace");
  }
}

function checkLabels(labels: unknown, path: string, report: Report): void {
  if (typeof labels !== "object" || labels === null) return;
  for (const [key, value] of Object.entries(labels)) {
    checkKey(key, appendPath(path, key), report);
    if (typeof value !== "string" || (labelText.test(value) && value.length <= 63)) continue;
    const form = "at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit";
    report(appendPath(path, key), `a label's value must be ${form}; is "${value}"`, "label");
  }
}

function checkAnnotations(annotations: unknown, path: string, report: Report): void {
  if (typeof annotations !== "object" || annotations === null) return;
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    checkKey(key, appendPath(path, key), report);
    bytes += Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0);
  }
  if (bytes > annotationBytes) report(path, `are ${bytes} bytes together, more than 256 KiB`, "size");
}

/** `name` or `prefix/name`: the name like a label's value but not empty, the prefix a DNS subdomain. */
function checkKey(key: string, path: string, report: Report): void {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  const prefix = key.slice(0, Math.max(slash, 0));
  const goodName = name !== "" && name.length <= 63 && labelText.test(name);
  const goodPrefix = slash < 0 || (subdomain[0].test(prefix) && prefix.length <= 253);
  if (!goodName || !goodPrefix) report(path, "the key must be name or dns.prefix/name", "label-key");
}

/** Labels and annotations that the workload passes on to its pods, jobs and claims, and its selector. */
function checkTemplates(spec: unknown, path: string, report: Report): void {
  if (typeof spec !== "object" || spec === null) return;
  const { selector, template, jobTemplate } = spec as Record<string, Record<string, unknown> | undefined>;
  checkLabels(selector?.matchLabels, `${path}.selector.matchLabels`, report);
  for (const [name, inner] of Object.entries({ template, jobTemplate })) {
    const at = `${path}.${name}`;
    const metadata = inner?.metadata as KubernetesObject["metadata"] | undefined;
    checkLabels(metadata?.labels, `${at}.metadata.labels`, report);
    checkAnnotations(metadata?.annotations, `${at}.metadata.annotations`, report);
    if (inner?.spec) checkTemplates(inner.spec, `${at}.spec`, report);
  }
}
