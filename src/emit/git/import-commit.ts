import { randomBytes } from "node:crypto";
import type { TreeEntry } from "./read.ts";
import { git } from "./run.ts";

export interface Identity {
  name: string;
  email: string;
  /** When the commit is dated; now when left out. */
  date?: Date;
}

/** What a commit does to its parent's tree. */
export interface NewCommit {
  parent: string | undefined;
  /** Path → content, or a file or folder that the repository has already, by its mode and id. */
  write: Iterable<readonly [path: string, content: Uint8Array | string | TreeEntry]>;
  /** Files, or whole folders. A removal comes first: a folder may take the place of a file, or the other way round. */
  remove: Iterable<string>;
  message: string;
  /** Lines such as `Landfall-Source: 3f2a…` at the message's end. */
  trailers?: Readonly<Record<string, string>>;
  author: Identity;
}

/** Feed the differences to fast-import on a branch name of its own that it never writes; returns the commit. */
export async function importCommit(repo: string, commit: NewCommit): Promise<string> {
  const [made = ""] = await importChain(repo, commit.parent, [commit]);
  return made;
}

/** Several commits, each onto the one before it, by one git process; returns them in this order. */
export async function importChain(
  repo: string,
  parent: string | undefined,
  commits: readonly Omit<NewCommit, "parent">[],
): Promise<string[]> {
  const ref = `refs/landfall/pending-${process.pid}-${randomBytes(4).toString("hex")}`;
  const parts = commits.flatMap((commit, i) => commitParts(ref, i + 1, i === 0 ? parent : `:${i}`, commit));
  parts.push(`reset ${ref}\nfrom ${"0".repeat(40)}\n\ndone\n`);
  const input = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const { stdout } = await git(repo, ["fast-import", "--quiet", "--done"], { input });
  return stdout.toString("utf8").trim().split("\n");
}

function commitParts(
  ref: string,
  mark: number,
  parent: string | undefined,
  commit: Omit<NewCommit, "parent">,
): (string | Uint8Array)[] {
  const message = Buffer.from(fullMessage(commit));
  return [
    `${mark === 1 ? "feature done\n" : ""}commit ${ref}\nmark :${mark}\n`,
    `author ${identityLine(commit.author)}\ncommitter ${identityLine(commit.author)}\n`,
    `data ${message.length}\n`,
    message,
    "\n",
    parent === undefined ? "" : `from ${parent}\n`,
    ...[...commit.remove].map((path) => `D ${quotePath(path)}\n`),
    ...[...commit.write].flatMap(([path, content]) => written(path, content)),
    `\nget-mark :${mark}\n`,
  ];
}

function written(path: string, content: Uint8Array | string | TreeEntry): (string | Uint8Array)[] {
  if (typeof content === "object" && "oid" in content)
    return [`M ${content.mode} ${content.oid} ${quotePath(path)}\n`];
  const data = typeof content === "string" ? Buffer.from(content) : content;
  return [`M 100644 inline ${quotePath(path)}\ndata ${data.length}\n`, data, "\n"];
}

function fullMessage({ message, trailers = {} }: Omit<NewCommit, "parent">): string {
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${oneLine(value)}\n`);
  const body = `${message.trim()}\n`;
  return lines.length === 0 ? body : `${body}\n${lines.join("")}`;
}

function identityLine(who: Identity): string {
  const seconds = Math.floor((who.date ?? new Date()).getTime() / 1000);
  const plain = (text: string) => oneLine(text).replace(/[<>]/g, "");
  return `${plain(who.name)} <${plain(who.email)}> ${seconds} +0000`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function quotePath(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}
