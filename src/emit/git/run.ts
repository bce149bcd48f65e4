/**
 * Every call of the git CLI goes through here. Local work must not depend on how the user has set Git up:
 * hooks, signing, line endings and a surrounding repository's environment are all shut out. Only network
 * work (fetch, push) keeps the user's configuration, since credentials and URL rewrites live there.
 */
import { execa } from "execa";
import { failure } from "../../util/errors.ts";

export interface GitCall {
  /** Bytes for standard input. */
  input?: Uint8Array | string;
  /** The call talks to a remote: keep the user's configuration, allow two minutes. */
  network?: boolean;
  /** Exit codes beside 0 that the caller judges itself. */
  accept?: readonly number[];
}

export interface GitResult {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

const settings = [
  "core.hooksPath=/dev/null",
  "safe.directory=*",
  "gc.autoDetach=false",
  "push.gpgSign=false",
];

/** Run git in a repository. Throws LF3002 with git's own message when it fails. */
export async function git(dir: string, args: readonly string[], call: GitCall = {}): Promise<GitResult> {
  const result = await execa("git", [...settings.flatMap((s) => ["-c", s]), "-C", dir, ...args], {
    env: gitEnvironment(call.network === true),
    extendEnv: false,
    encoding: "buffer",
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 2 ** 31 - 1,
    timeout: call.network ? 120_000 : 60_000,
    ...(call.input === undefined ? { stdin: "ignore" as const } : { input: call.input }),
  });
  const stderr = Buffer.from(result.stderr).toString("utf8").trim();
  const stdout = Buffer.from(result.stdout.buffer, result.stdout.byteOffset, result.stdout.byteLength);
  const exitCode = result.exitCode ?? -1;
  if (exitCode === 0 || call.accept?.includes(exitCode)) return { exitCode, stdout, stderr };
  throw gitFailure(args, dir, stderr || result.shortMessage || "no message", result.code);
}

/** The environment of a local git call: nothing of the caller's Git set-up, no prompts, plain messages. */
export function gitEnvironment(network: boolean): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && (!name.startsWith("GIT_") || (network && /^GIT_(SSH|ASKPASS)/.test(name))),
  ) as [string, string][];
  const own = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };
  const shut = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_ATTR_NOSYSTEM: "1" };
  return { ...Object.fromEntries(kept), ...own, ...(network ? {} : shut) };
}

function gitFailure(args: readonly string[], dir: string, message: string, code: string | undefined) {
  if (code === "ENOENT") {
    return failure("LF3002", {
      what: "git is not installed",
      fix: "install it, for example: apt install git",
    });
  }
  const why = withoutPassword(message).split("\n").slice(0, 12).join("\n");
  return failure("LF3002", { what: `git ${args[0]} failed in ${dir}`, why, fix: fixFor(message) });
}

function fixFor(message: string): string {
  if (/No space left/i.test(message)) return "free some disk space and run it again";
  if (/ermission denied \(|could not read Username|Authentication failed|403/i.test(message)) {
    return "check the credentials Git has for this remote (git ls-remote must work), then run it again";
  }
  if (/Permission denied|insufficient permission/i.test(message))
    return "check who owns the repository's files";
  if (/Could not resolve host|Connection (refused|timed out)|unable to access/i.test(message)) {
    return "check the network and the remote's address, then run it again";
  }
  if (/bad object|corrupt|missing (blob|tree|commit)|unable to read/i.test(message)) {
    return "the repository is damaged: run git fsck in it, or move it away and build again";
  }
  return "read git's message above; run it again when the cause is gone";
}

/** URLs may carry a token, which must not reach a message or a log. */
export function withoutPassword(text: string): string {
  return text.replace(/([a-z][a-z0-9+]*:\/\/)[^/@\s]*@/gi, "$1");
}
