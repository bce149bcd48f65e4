import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter } from "age-encryption";
import { Document, isMap, isSeq, type YAMLMap } from "yaml";
import { failure } from "../util/errors.ts";
import { writeFileAtomic } from "../util/files.ts";
import { secretRules } from "./tree.ts";
import { parseSource, type SourceText } from "./yaml-text.ts";

/** SOPS's own config, beside the declaration: it holds the recipients, so that the plain `sops` CLI agrees. */
export function configPath(dir: string): string {
  return join(dir, ".sops.yaml");
}

/** The age recipients that new secrets of this declaration are encrypted to; empty when none are set up yet. */
export function readRecipients(dir: string): string[] {
  const source = readConfig(dir);
  return source ? recipientsOf(ruleFor(source)) : [];
}

/** The recipients, or LF7002 when there are none. */
export function requireRecipients(dir: string): string[] {
  const recipients = readRecipients(dir);
  if (recipients.length > 0) return recipients;
  throw failure("LF7002", {
    what: "no recipient is declared, so no secret can be encrypted",
    why: `${configPath(dir)} names the age keys that may read the secrets, and it has none`,
    fix: "run `landfall secret set NAME`, which makes a key, or add your recipient to .sops.yaml",
    where: { file: configPath(dir) },
  });
}

/** Write the recipients into `.sops.yaml`; rules for other files and comments in it stay. */
export function writeRecipients(dir: string, recipients: string[]): void {
  for (const recipient of recipients) checkRecipient(recipient);
  const source = readConfig(dir);
  const document = source?.document ?? new Document({ creation_rules: [] });
  const found = source && ruleFor(source);
  if (found) found.set("age", recipients.join(","));
  else addRule(document, recipients);
  writeFileAtomic(configPath(dir), document.toString({ lineWidth: 0 }));
}

/** Throws LF7002 for what is not an age X25519 recipient. */
export function checkRecipient(recipient: string): void {
  try {
    if (!/^age1[a-z0-9]{58}$/.test(recipient)) throw new TypeError("not an X25519 recipient");
    new Encrypter().addRecipient(recipient);
  } catch {
    // A private key pasted here by mistake must not come back in the message.
    throw failure("LF7002", {
      what: "a recipient is not an age public key",
      fix: "give the key that begins with age1, which `age-keygen -y FILE` prints",
    });
  }
}

function addRule(document: Document, recipients: string[]): void {
  const rule = document.createNode({
    path_regex: "secrets/.*\\.yaml$",
    encrypted_regex: secretRules.encryptedRegex,
    mac_only_encrypted: secretRules.macOnlyEncrypted,
    // One text with commas: releases of SOPS before 3.10 read no list here.
    age: recipients.join(","),
  });
  const rules = document.get("creation_rules");
  if (isSeq(rules)) {
    // A comment above the first rule belongs to the list until another rule comes before it.
    const [next] = rules.items;
    if (isMap(next) && rules.commentBefore) next.commentBefore = rules.commentBefore;
    delete rules.commentBefore;
    // First, since SOPS takes the first rule that fits.
    rules.items.unshift(rule);
  } else document.set("creation_rules", document.createNode([rule]));
}

function readConfig(dir: string): SourceText | undefined {
  const path = configPath(dir);
  return existsSync(path) ? parseSource(readFileSync(path, "utf8"), path) : undefined;
}

/** The rule SOPS takes for a secret: the first whose `path_regex` fits or that has none. */
function ruleFor(source: SourceText): YAMLMap | undefined {
  const rules = source.document.get("creation_rules");
  const maps = isSeq(rules) ? rules.items.filter(isMap) : [];
  return maps.find((rule) => {
    const regex = rule.get("path_regex");
    return typeof regex !== "string" || new RegExp(regex).test("secrets/name.yaml");
  });
}

function recipientsOf(rule: YAMLMap | undefined): string[] {
  const age = rule?.get("age");
  const list = isSeq(age)
    ? (age.toJSON() as unknown[]).map(String)
    : typeof age === "string"
      ? age.split(",")
      : [];
  return list.map((recipient) => recipient.trim()).filter((recipient) => recipient !== "");
}
