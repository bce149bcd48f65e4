import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { failure, messageOf } from "../util/errors.ts";
import { besidePath } from "../util/files.ts";
import { landfallHome } from "../util/home.ts";
import { checkName } from "./names.ts";
import { configPath, readRecipients, writeRecipients } from "./recipients.ts";

/** Where a company's identity (its private age key) is kept on this machine. */
export function identityPath(company: string): string {
  return join(landfallHome(), "keys", `${checkName(company)}.agekey`);
}

/**
 * Make ready to encrypt: when the declaration has no recipients yet, take or make the company's identity and
 * write its recipient into `.sops.yaml`. A clone on another machine has recipients already: nothing is made there.
 * Returns the recipients, and the path of the identity when it was made now (tell the user to back it up).
 */
export async function ensureKeys(
  dir: string,
  company: string,
): Promise<{ recipients: string[]; made: string | undefined }> {
  const known = readRecipients(dir);
  if (known.length > 0) return { recipients: known, made: undefined };
  const { recipient, made } = await ensureIdentity(company);
  writeRecipients(dir, [recipient]);
  return { recipients: [recipient], made: made ? identityPath(company) : undefined };
}

/** Take the company's identity, or make one (0600, never over another). Returns its public half only. */
export async function ensureIdentity(company: string): Promise<{ recipient: string; made: boolean }> {
  const path = identityPath(company);
  let made = false;
  if (!existsSync(path)) {
    const identity = await generateX25519Identity();
    made = writeOnce(path, `# public key: ${await identityToRecipient(identity)}\n${identity}\n`);
  }
  const [identity] = parseIdentities(readFileSync(path, "utf8"), path);
  if (!identity) throw failure("LF7002", { what: `${path} holds no age identity`, where: { file: path } });
  return { recipient: await recipientOf(identity, path), made };
}

/** Write a file that nobody else can read, unless it is there; false when another process was first. */
function writeOnce(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  const aside = besidePath(path);
  try {
    writeFileSync(aside, text, { mode: 0o600, flag: "wx" });
    // A rename would replace an existing key, a link cannot.
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Every identity this machine has: `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, then `$LANDFALL_HOME/keys/*.agekey`.
 * Private keys: never print the result. Throws LF7002 for a named file that cannot be read or a malformed line.
 */
export function readIdentities(): string[] {
  const { SOPS_AGE_KEY: key, SOPS_AGE_KEY_FILE: file } = process.env;
  const folder = join(landfallHome(), "keys");
  const kept = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".agekey")) : [];
  const paths = [...(file ? [file] : []), ...kept.sort().map((name) => join(folder, name))];
  return [
    ...(key ? parseIdentities(key, "SOPS_AGE_KEY") : []),
    ...paths.flatMap((path) => parseIdentities(readKeyFile(path), path)),
  ];
}

/**
 * The private key that reads this declaration's secrets, for the one Secret a cluster's Flux decrypts with.
 * Throws LF7002 when this machine has none.
 */
export async function revealIdentity(dir: string): Promise<string> {
  const recipients = readRecipients(dir);
  for (const identity of readIdentities()) {
    if (recipients.includes(await recipientOf(identity, "an identity"))) return identity;
  }
  throw failure("LF7002", {
    what: "this machine has no identity for the secrets of this declaration",
    why: `${configPath(dir)} names ${recipients.join(", ") || "no recipient"}`,
    fix: "copy the .agekey file from a machine that has it into $LANDFALL_HOME/keys, or name it in SOPS_AGE_KEY_FILE",
    where: { file: configPath(dir) },
  });
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw failure("LF7002", { what: `${path} cannot be read`, why: messageOf(error), where: { file: path } });
  }
}

function parseIdentities(text: string, file: string): string[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trim();
    // Keys of age plugins work with the sops CLI only; they are no reason to fail.
    if (entry === "" || entry.startsWith("#") || entry.startsWith("AGE-PLUGIN-")) return [];
    if (/^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{58}$/.test(entry)) return [entry];
    // The line is not quoted: it may be a key with one letter missing.
    throw failure("LF7002", {
      what: `${file} has a line that is not an age identity`,
      fix: "each line is a comment or a key that begins with AGE-SECRET-KEY-1",
      where: { file, line: index + 1 },
    });
  });
}

async function recipientOf(identity: string, file: string): Promise<string> {
  try {
    return await identityToRecipient(identity);
  } catch {
    throw failure("LF7002", { what: `${file} holds a damaged age identity`, where: { file } });
  }
}
