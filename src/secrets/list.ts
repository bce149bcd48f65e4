import { LandfallError, type Problem } from "../util/errors.ts";
import { readIfThere } from "../util/files.ts";
import { noValue, type SecretFile, secretFiles, secretPath } from "./files.ts";
import { lifetime, readManifest, stamp } from "./manifest.ts";

/** One line of `secret list`; never a value. Times are RFC 3339. */
export interface SecretInfo extends SecretFile {
  keys: string[];
  rotatedAt?: string;
  dueAt?: string;
  due: boolean;
}

/** Every secret of a declaration, and an LF7003 for each damaged file. Needs no identity. */
export function listSecrets(dir: string, now = new Date()): { secrets: SecretInfo[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const secrets = secretFiles(dir).flatMap((found) => {
    try {
      return [secretInfo(found, now)];
    } catch (error) {
      problems.push(...damageOf(error));
      return [];
    }
  });
  return { secrets, problems };
}

function secretInfo(found: SecretFile, now: Date): SecretInfo {
  const { keys, rotatedAt, rotate } = readManifest(readIfThere(found.file) ?? "", found.file, found.name);
  const life = rotate === undefined ? undefined : lifetime(rotate);
  const dueAt = rotatedAt && life ? new Date(Date.parse(rotatedAt) + life) : undefined;
  return {
    ...found,
    keys,
    ...(rotatedAt && { rotatedAt }),
    ...(dueAt && { dueAt: stamp(dueAt) }),
    due: dueAt !== undefined && dueAt <= now,
  };
}

/** The LF7003 problems of an error, so that the other files go on; throws any other error again. */
export function damageOf(error: unknown): Problem[] {
  if (error instanceof LandfallError && error.problems.every((p) => p.code === "LF7003"))
    return error.problems;
  throw error;
}

/**
 * The encrypted manifest for the fleet repo: the environment's own file, else the general one. Needs no identity.
 * Throws LF7001 when there is none, LF7003 when it is damaged or holds a value in clear.
 */
export function readCiphertext(
  dir: string,
  name: string,
  environment?: string,
): { text: string; keys: string[]; file: string } {
  const files = [...(environment ? [secretPath(dir, name, environment)] : []), secretPath(dir, name)];
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) return { text, keys: readManifest(text, file, name).keys, file };
  }
  throw noValue(name, environment);
}
