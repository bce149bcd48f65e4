import { randomBytes } from "node:crypto";
import { failure } from "../util/errors.ts";
import { unwrapDataKey, type WrappedKey, wrapDataKey } from "./data-key.ts";
import { changeTree, type Node, type Rules, secretRules, type Tree, toData, toTree } from "./tree.ts";
import { decryptValue, encryptValue, ValueError } from "./value.ts";
import { damaged, parseSource, replacedText, type SourceText, sourceTree, treeText } from "./yaml-text.ts";

/** The release of SOPS whose format this is. */
export const sopsVersion = "3.13.3";

/** The `sops` section of a file. */
interface Envelope {
  age: WrappedKey[];
  mac: string;
  lastModified: string;
  rules: Rules;
}

/**
 * Encrypt plain data as SOPS does: a new data key, wrapped to each age recipient, encrypts each value that the
 * rules choose. Returns the YAML text. Format: https://getsops.io/docs/
 */
export async function encryptDocument(
  data: object,
  recipients: string[],
  options: { rules?: Rules; now?: Date } = {},
): Promise<string> {
  const rules = options.rules ?? secretRules;
  const key = randomBytes(32);
  const { tree, mac } = changeTree(toTree(data), rules, "before", (value, context) =>
    encryptValue(value, key, context),
  );
  const lastModified = (options.now ?? new Date()).toISOString().replace(/\.\d+/, "");
  const sops = new Map<string, Node>([
    ["age", ageNodes(await wrapDataKey(key, recipients))],
    ["lastmodified", lastModified],
    ["mac", encryptValue(mac, key, lastModified)],
  ]);
  for (const [name, value] of Object.entries(ruleNames)) {
    const rule = rules[value];
    if (rule) sops.set(name, rule);
  }
  sops.set("version", sopsVersion);
  return treeText(new Map([...tree, ["sops", sops]]));
}

/**
 * Decrypt a SOPS file and verify its MAC. `file` is for messages only.
 * Throws LF7002 when no identity fits, LF7003 when the file is malformed or anything in it was changed.
 */
export async function decryptDocument(
  text: string,
  identities: string[],
  file: string,
): Promise<Record<string, unknown>> {
  const source = parseSource(text, file);
  const { envelope, tree } = readEnvelope(source);
  const key = await dataKeyOf(envelope, identities, file);
  const { tree: clear, mac } = changeTree(tree, envelope.rules, "after", (value, context, path) => {
    try {
      return decryptValue(typeof value === "string" ? value : "?", key, context);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw damaged(source, `has a value that does not decrypt: ${error.message}`, path);
    }
  });
  if (envelope.mac === "" || readMac(source, envelope, key) !== mac)
    throw damaged(source, "was changed: its MAC does not match", ["sops", "mac"]);
  return toData(clear);
}

/**
 * Encrypt the data key of a file to exactly these recipients; values and MAC stay as they are.
 * Returns the same text when the recipients are already these.
 */
export async function rewrapDocument(
  text: string,
  identities: string[],
  recipients: string[],
  file: string,
): Promise<string> {
  const source = parseSource(text, file);
  const { envelope } = readEnvelope(source);
  const now = envelope.age.map((entry) => entry.recipient);
  if (now.length === recipients.length && recipients.every((r) => now.includes(r))) return text;
  // The whole is verified first: wrapping a damaged file anew would hide since when it is damaged.
  await decryptDocument(text, identities, file);
  const key = await dataKeyOf(envelope, identities, file);
  return replacedText(source, ["sops", "age"], ageNodes(await wrapDataKey(key, recipients)));
}

/** To whom a file is encrypted, and by which rules. Needs no identity; throws LF7003 for a malformed section. */
export function documentEnvelope(source: SourceText): { recipients: string[]; rules: Rules } {
  const { age, rules } = readEnvelope(source).envelope;
  return { recipients: age.map((entry) => entry.recipient), rules };
}

const ruleNames = {
  encrypted_regex: "encryptedRegex",
  unencrypted_regex: "unencryptedRegex",
  encrypted_suffix: "encryptedSuffix",
  unencrypted_suffix: "unencryptedSuffix",
  mac_only_encrypted: "macOnlyEncrypted",
} as const satisfies Record<string, keyof Rules>;

function ageNodes(wrapped: WrappedKey[]): Node[] {
  return wrapped.map(
    ({ recipient, enc }) =>
      new Map<string, Node>([
        ["recipient", recipient],
        ["enc", enc],
      ]),
  );
}

function readMac(source: SourceText, envelope: Envelope, key: Uint8Array): unknown {
  try {
    return decryptValue(envelope.mac, key, envelope.lastModified.replace(/\.\d+/, ""));
  } catch {
    throw damaged(source, "was changed: its MAC does not decrypt", ["sops", "mac"]);
  }
}

async function dataKeyOf(envelope: Envelope, identities: string[], file: string): Promise<Uint8Array> {
  const key = await unwrapDataKey(envelope.age, identities);
  if (key) return key;
  const recipients = envelope.age.map((entry) => entry.recipient).join(", ");
  throw failure("LF7002", {
    what: `${file} cannot be decrypted on this machine`,
    why: `it is encrypted to ${recipients}, and no identity for that is here`,
    fix: "copy the .agekey file from a machine that has it into $LANDFALL_HOME/keys, or name it in SOPS_AGE_KEY_FILE",
    where: { file },
  });
}

/** Read the `sops` section; throws LF7003 where it is not one this program can verify. */
function readEnvelope(source: SourceText): { envelope: Envelope; tree: Tree } {
  const tree = sourceTree(source);
  const sops = tree.get("sops");
  if (!(sops instanceof Map)) throw damaged(source, "is not encrypted: it has no sops section", 0);
  tree.delete("sops");
  const text = (name: string): string => {
    const value = sops.get(name);
    if (typeof value !== "string") throw damaged(source, `has no sops.${name}`, ["sops", name]);
    return value;
  };
  const list = sops.get("age");
  const age = (Array.isArray(list) ? list : []).map((entry) => {
    const [recipient, enc] = ["recipient", "enc"].map((name) => entry instanceof Map && entry.get(name));
    if (typeof recipient !== "string" || typeof enc !== "string")
      throw damaged(source, "has a malformed sops.age entry", ["sops", "age"]);
    return { recipient, enc };
  });
  if (age.length === 0) throw damaged(source, "is encrypted to no age recipient", ["sops"]);
  const rules: Rules = { macOnlyEncrypted: sops.get("mac_only_encrypted") === true };
  for (const [name, rule] of Object.entries(ruleNames)) {
    if (rule !== "macOnlyEncrypted" && sops.has(name)) rules[rule] = text(name);
  }
  return { envelope: { age, mac: text("mac"), lastModified: text("lastmodified"), rules }, tree };
}
