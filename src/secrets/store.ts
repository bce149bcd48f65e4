import { readIfThere, writeFileAtomic } from "../util/files.ts";
import { noValue, secretPath } from "./files.ts";
import { generateValue } from "./generate.ts";
import { annotations, checkLifetime, formatGenerated, mapOf, readManifest, stamp } from "./manifest.ts";
import { checkKey, checkName } from "./names.ts";
import { requireRecipients } from "./recipients.ts";
import { encryptDocument } from "./sops.ts";
import type { Node, Tree } from "./tree.ts";
import { checkSize, decryptValues, type SecretValues, sections } from "./values.ts";

export interface SetOptions {
  values?: SecretValues;
  /** Keys to make values for, with their lengths; `rotateSecret` makes them anew. */
  generate?: Record<string, number>;
  environment?: string;
  namespace?: string;
  /** How long a value may live, e.g. `90d`. @default as the file says, else for ever */
  rotate?: string;
  now?: Date;
}

/**
 * Set keys of a secret; other keys of it stay, which needs an identity only if there are any. The whole file is
 * encrypted anew, with a new data key, to the recipients of `.sops.yaml`.
 * Throws LF1003, LF1015, LF7001 (nothing to set), LF7002 (no recipient or identity), LF7003 (damaged file),
 * LF2012 (more than Kubernetes takes).
 */
export async function setSecret(
  dir: string,
  name: string,
  options: SetOptions,
): Promise<{ file: string; keys: string[] }> {
  const file = secretPath(dir, name, options.environment);
  const made = Object.entries(options.generate ?? {}).map(([key, length]) => [key, generateValue(length)]);
  const fresh: SecretValues = { ...options.values, ...Object.fromEntries(made) };
  if (Object.keys(fresh).length === 0) throw noValue(name, options.environment);
  Object.keys(fresh).forEach(checkKey);
  const recipients = requireRecipients(dir);
  const text = readIfThere(file);
  const old = text === undefined ? undefined : readManifest(text, file, name);
  const keepsSome = old?.keys.some((key) => !Object.hasOwn(fresh, key)) ?? false;
  const kept = keepsSome && text !== undefined ? await decryptValues(text, file) : {};
  const values = { ...kept, ...fresh };
  checkSize(name, values);
  const generated = Object.entries(old?.generated ?? {}).filter(([key]) => !Object.hasOwn(fresh, key));
  const manifest = new Map<string, unknown>(
    old?.clear ?? [
      ["apiVersion", "v1"],
      ["kind", "Secret"],
    ],
  );
  manifest.set(
    "metadata",
    metadataOf(name, mapOf(old?.clear.get("metadata")), options, {
      ...Object.fromEntries(generated),
      ...options.generate,
    }),
  );
  if (!manifest.has("type")) manifest.set("type", "Opaque");
  for (const [section, part] of Object.entries(sections(values))) manifest.set(section, part);
  writeFileAtomic(file, await encryptDocument(manifest, recipients, options.now ? { now: options.now } : {}));
  return { file, keys: Object.keys(values).sort() };
}

/**
 * Replace a secret's values: those landfall generated are made anew, others come in `values`.
 * Throws LF7001 when there is no such secret or nothing to replace, else as `setSecret`.
 */
export async function rotateSecret(
  dir: string,
  name: string,
  options: Pick<SetOptions, "values" | "environment" | "now"> = {},
): Promise<{ file: string; keys: string[]; rotated: string[] }> {
  const file = secretPath(dir, name, options.environment);
  const text = readIfThere(file);
  if (text === undefined) throw noValue(name, options.environment);
  const given = options.values ?? {};
  const { generated } = readManifest(text, file, name);
  const generate = Object.fromEntries(
    Object.entries(generated).filter(([key]) => !Object.hasOwn(given, key)),
  );
  const rotated = [...Object.keys(generate), ...Object.keys(given)].sort();
  if (rotated.length === 0) throw noValue(name, options.environment, "landfall did not make its values");
  return { ...(await setSecret(dir, name, { ...options, generate })), rotated };
}

/** The metadata with name, namespace and landfall's annotations set; labels and other annotations stay. */
function metadataOf(name: string, old: Tree, options: SetOptions, generated: Record<string, number>): Tree {
  const metadata: Tree = new Map<string, Node>([["name", name]]);
  if (options.namespace) metadata.set("namespace", checkName(options.namespace));
  for (const [key, value] of old) if (!metadata.has(key)) metadata.set(key, value);
  const notes: Tree = new Map(mapOf(old.get("annotations")));
  notes.set(annotations.rotatedAt, stamp(options.now ?? new Date()));
  if (options.rotate) notes.set(annotations.rotate, checkLifetime(options.rotate));
  notes.delete(annotations.generated);
  if (Object.keys(generated).length > 0) notes.set(annotations.generated, formatGenerated(generated));
  return metadata.set("annotations", notes);
}
