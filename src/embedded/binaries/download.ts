import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod } from "node:fs/promises";
import { basename } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { failure } from "../../util/errors.ts";
import type { Download } from "./program.ts";
import { isUnreachable, rememberUnreachable } from "./refusals.ts";

/** How long a host may take to answer with the checksum, which is a small file, in milliseconds. */
const answerMs = 3000;

/** How long the file itself may take, in milliseconds. */
const transferMs = 300_000;

export interface DownloadFacts {
  name: string;
  version: string;
  os: string;
  arch: string;
}

/** Fill `{name}`, `{version}`, `{os}` and `{arch}` in. */
export function fillIn(template: string, facts: DownloadFacts): string {
  return template.replace(/\{(name|version|os|arch)\}/g, (_all, key: keyof DownloadFacts) => facts[key]);
}

/** The SHA-256 of `file` in a checksum file, which holds the sum alone or lines of sum and file name. */
export function checksumOf(text: string, file: string): string | undefined {
  for (const line of text.split("\n")) {
    const [sum = "", name = ""] = line.trim().split(/\s+\*?/);
    if (/^[0-9a-f]{64}$/i.test(sum) && (name === "" || basename(name) === file)) return sum.toLowerCase();
  }
  return undefined;
}

/**
 * Fetch a published program to `path` when its makers publish one and the network lets us: false when not.
 * A host that does not answer is not asked again for half an hour. A wrong checksum is an error (LF5002),
 * never a reason to go on silently. `path` may hold half a file after a failure: write aside.
 */
export async function download(
  from: Download,
  facts: DownloadFacts,
  path: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const url = fillIn(from.url, facts);
  if (isUnreachable(url)) return false;
  const file = basename(new URL(url).pathname);
  const expected = checksumOf(await getText(fillIn(from.checksum, facts), signal), file);
  if (!expected) return false;
  const response = await get(url, transferMs, signal);
  if (!response?.body) return false;
  const hash = createHash("sha256");
  const tee = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await save(Readable.fromWeb(response.body), tee, from.member && fillIn(from.member, facts), path);
  } catch (error) {
    signal?.throwIfAborted();
    // A full disk is the machine's trouble, a broken transfer the network's.
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    return false;
  }
  const actual = hash.digest("hex");
  if (actual === expected) {
    await chmod(path, 0o755);
    return true;
  }
  throw failure("LF5002", {
    what: `the download of ${facts.name} ${facts.version} is not what its makers published`,
    why: `${url} has SHA-256 ${actual}, expected ${expected}`,
    fix: "try again; if it stays, something between here and the makers changes files",
  });
}

/** The answer when it is a good one. Undefined, and remembered, when the host cannot be reached. */
async function get(url: string, timeoutMs: number, signal?: AbortSignal): Promise<Response | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    if (response.ok) return response;
    await response.body?.cancel();
    // A gateway that refuses (403, 407, 5xx) refuses every file of the host; 404 is about this file only.
    if (response.status !== 404) rememberUnreachable(url);
  } catch {
    signal?.throwIfAborted();
    rememberUnreachable(url);
  }
  return undefined;
}

/** A small file's text, or nothing. */
async function getText(url: string, signal?: AbortSignal): Promise<string> {
  const response = await get(url, answerMs, signal);
  try {
    return (await response?.text()) ?? "";
  } catch {
    signal?.throwIfAborted();
    return "";
  }
}

async function save(body: Readable, tee: Transform, member: string | undefined, path: string): Promise<void> {
  if (!member) {
    await pipeline(body, tee, createWriteStream(path));
    return;
  }
  const unpack = extract();
  let found = false;
  unpack.on("entry", (header, stream, next) => {
    if (header.name.replace(/^\.\//, "") !== member) {
      stream.on("end", next).resume();
      return;
    }
    found = true;
    pipeline(stream, createWriteStream(path)).then(() => next(), next);
  });
  await pipeline(body, tee, createGunzip(), unpack);
  if (!found) throw new Error(`${member} is not in the archive`);
}
