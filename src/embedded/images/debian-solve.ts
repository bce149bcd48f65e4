import { statSync } from "node:fs";
import { failure } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";
import { run, runOrFail } from "./run.ts";
import { readKey, writeKey } from "./store.ts";

/** One Debian package in the exact version that apt chose. */
export interface DebianPackage {
  name: string;
  /** With epoch, as dpkg compares it. */
  version: string;
  architecture: string;
}

/** What only package scripts and packaging itself use; no container of ours runs those. */
const unneeded = new Set(
  `adduser debconf dpkg init-system-helpers lsb-base passwd perl perl-base sysvinit-utils tar ucf usrmerge
   javascript-common base-files base-passwd libpam-modules install-info`.split(/\s+/),
);

/** As if nothing were installed, so that the host's own packages change nothing. */
const aptOptions = [
  "Dir::State::status=/dev/null",
  // Packages that lie in apt's own cache would not be listed.
  "Dir::Cache::archives=/nonexistent",
  "Debug::NoLocking=1",
  "APT::Architecture=amd64",
  "APT::Architectures=amd64",
].flatMap((option) => ["-o", option]);

/**
 * The packages and everything they need at run time, in exact versions, sorted by name. apt's own solver
 * chooses; what only installing needs is left out.
 */
export async function solvePackages(packages: string[], context: BuildContext): Promise<DebianPackage[]> {
  const key = `${listsState()} ${packages.join(" ")}`;
  const known = readKey<DebianPackage[]>("debian", key);
  if (known) return known;
  const chosen = await chosenByApt(packages, context);
  const needed = await reachable(packages, chosen, context);
  // The state is read again: asking may have filled the lists.
  writeKey("debian", `${listsState()} ${packages.join(" ")}`, needed);
  return needed;
}

/** Changes whenever `apt-get update` brought something new. */
function listsState(): string {
  const stat = statSync("/var/lib/apt/lists", { throwIfNoEntry: false });
  return `${stat?.mtimeMs ?? 0} ${process.env.APT_CONFIG ?? ""}`;
}

async function chosenByApt(packages: string[], context: BuildContext): Promise<DebianPackage[]> {
  const ask = () =>
    run("apt-get", [
      "install",
      "--print-uris",
      "--yes",
      "-qq",
      "--no-install-recommends",
      ...aptOptions,
      ...packages,
    ]);
  let answer = await ask();
  if (answer.code === 127 && answer.tail.length === 0) throw noApt();
  if (answer.code !== 0) {
    await updateLists(packages, context);
    answer = await ask();
  }
  if (answer.code !== 0) {
    throw failure("LF5004", {
      what: `apt finds no way to have ${packages.join(", ")}`,
      why: answer.tail.join("\n      "),
      fix: "check the package names against this machine's Debian release",
    });
  }
  return answer.stdout.split("\n").flatMap((line) => {
    const file = /^'[^']*' (\S+)\.deb /.exec(line)?.[1];
    const [name, version, architecture] = file?.split("_").map(decodeURIComponent) ?? [];
    return name && version && architecture ? [{ name, version, architecture }] : [];
  });
}

const updated = new Map<string, Promise<unknown>>();

/** Fetch apt's package lists, once a run. */
export function updateLists(packages: string[], context: BuildContext): Promise<unknown> {
  if (process.getuid?.() !== 0) {
    throw failure("LF4003", {
      what: `apt does not know ${packages.join(", ")}`,
      why: "this machine's package lists are empty or old, and only root may fetch them",
      fix: "run: sudo apt-get update",
    });
  }
  const key = process.env.APT_CONFIG ?? "";
  const started = updated.get(key);
  if (started) return started;
  context.onProgress?.("fetching Debian's package lists");
  const work = runOrFail("apt-get", ["update", "-qq"], {
    ...context,
    code: "LF4003",
    what: "Debian's package lists cannot be fetched",
    fix: "check the network and /etc/apt/sources.list, then run: apt-get update",
  });
  updated.set(key, work);
  return work;
}

function noApt() {
  return failure("LF4003", {
    what: "this image is made of Debian packages, and apt-get is not here",
    fix: "use a Debian or Ubuntu machine, or name an image that can be pulled",
  });
}

/** Follow Depends and Pre-Depends from the wanted packages, inside what apt chose. */
async function reachable(
  wanted: string[],
  chosen: DebianPackage[],
  context: BuildContext,
): Promise<DebianPackage[]> {
  const { stdout } = await runOrFail(
    "apt-cache",
    ["show", ...aptOptions, ...chosen.map((p) => `${p.name}=${p.version}`)],
    { ...withoutProgress(context), code: "LF5004", what: "apt-cache failed", fix: "run: apt-get update" },
  );
  const needsOf = readNeeds(stdout);
  const found = new Set<string>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || (unneeded.has(name) && !wanted.includes(name))) continue;
    found.add(name);
    open.push(...needsOf(name));
  }
  return chosen.filter((p) => found.has(p.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** From apt's records to a function that gives the packages one package needs. */
function readNeeds(records: string): (name: string) => string[] {
  const needs = new Map<string, string[][]>();
  const givers = new Map<string, string[]>();
  for (const record of records.split("\n\n")) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(record)?.[1] ?? "";
    const name = field("Package");
    needs.set(name, names(`${field("Depends")}, ${field("Pre-Depends")}`));
    for (const given of [name, ...names(field("Provides")).flat()]) {
      givers.set(given, [...(givers.get(given) ?? []), name]);
    }
  }
  return (name) =>
    (needs.get(name) ?? []).flatMap((alternatives) =>
      alternatives.flatMap((alternative) => givers.get(alternative) ?? []).slice(0, 1),
    );
}

const withoutProgress = (context: BuildContext): BuildContext =>
  context.signal ? { signal: context.signal } : {};

/** `a (>= 1) | b, c:any` as [[a, b], [c]]. */
function names(field: string): string[][] {
  return field
    .split(",")
    .filter((part) => part.trim())
    .map((part) => part.split("|").map((name) => name.trim().replace(/[\s(:].*$/, "")));
}
