/** What is known of a program that landfall runs, builds or puts into an image. */

/** A published file. `{version}`, `{os}`, `{arch}` and `{name}` are filled in. */
export interface Download {
  url: string;
  /** A file with the SHA-256 alone, or a list of `SHA256  FILE` lines. */
  checksum: string;
  /** The member to take when the file is a `.tar.gz`. */
  member?: string;
}

export interface Program {
  name: string;
  /** The folder below `src/embedded/go`. */
  module: string;
  /** What `go build` is given, inside that folder. */
  package: string;
  /** Without a leading `v`. */
  version: string;
  /** The same version as the tag of the upstream release or image. */
  tag: string;
  /** Added to `-s -w`; sets the program's own version variables. */
  ldflags: string[];
  /** Build tags, for programs that leave parts of themselves out by them. @default none */
  tags?: string[];
  /** Other names the same binary answers to; they become symlinks beside it. */
  aliases: string[];
  /** `host`: landfall runs it; `image`: it becomes the one file of an image, so it must be static. */
  kind: "host" | "image";
  /** What it runs on. @default "linux" */
  os?: "any" | "linux";
  /** Arguments that print the version; only programs that have them are looked for on PATH. */
  versionArgs?: string[];
  download?: Download;
}

/** Sets a variable of the program: `-X PACKAGE.NAME=VALUE`. */
export const set = (variable: string, value: string): string => `-X ${variable}=${value}`;

/** A release file of a GitHub repository. */
export function release(repository: string, file: string, checksum: string, member?: string): Download {
  const base = `https://github.com/${repository}/releases/download/v{version}`;
  return { url: `${base}/${file}`, checksum: `${base}/${checksum}`, ...(member ? { member } : {}) };
}
