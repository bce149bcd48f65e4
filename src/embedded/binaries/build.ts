import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { failure } from "../../util/errors.ts";
import { besidePath } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";
import { withBuildLock } from "./build-lock.ts";
import { progressReporter } from "./go-progress.ts";
import { runGo } from "./go-run.ts";
import { type GoToolchain, goToolchain, goTooOld } from "./go-toolchain.ts";
import type { Program } from "./program.ts";
import { buildFlags, goModulesFolder, linkerFlags, programKey, tagFlags } from "./program-key.ts";
import { findProgram } from "./programs.ts";

export interface BuildOptions {
  /** Gets a line for people at least every second. */
  onProgress?: ((line: string) => void) | undefined;
  /** Ends the build and everything it started; nothing of it stays. */
  signal?: AbortSignal | undefined;
  /** Where the Go modules are. @default src/embedded/go */
  modules?: string;
}

export interface Built {
  /** The program's absolute path; aliases are symlinks beside it. */
  path: string;
  /** The folder's name in the cache, which says what the program was made of. */
  key: string;
  /** False when it was in the cache. */
  fresh: boolean;
  elapsedMs: number;
}

type Reporter = ReturnType<typeof progressReporter>;

/**
 * Build a program of the table from its Go module, or answer the cached result. Only one process builds a
 * program at a time, the others wait for it; one `go` runs at a time in a process, since two would compile
 * shared packages twice. Errors: LF5006 without a suitable Go, LF5001 when Go refuses.
 */
export async function buildProgram(name: string | Program, options: BuildOptions = {}): Promise<Built> {
  const program = typeof name === "string" ? findProgram(name) : name;
  if (!program) throw failure("LF5002", { what: `no program is called \`${name as string}\`` });
  const modules = options.modules ?? goModulesFolder;
  const go = await goToolchain(join(modules, program.module));
  const key = programKey(program, go, modules);
  const folder = cachePath("bin", key);
  const built = { path: join(folder, program.name), key };
  if (existsSync(built.path)) return { ...built, fresh: false, elapsedMs: 0 };

  const report = progressReporter(program.name, options.onProgress);
  try {
    return await withBuildLock(
      `${folder}.lock`,
      async () => {
        if (existsSync(built.path)) return { ...built, fresh: false, elapsedMs: report.elapsedMs() };
        await withBuildLock(
          cachePath("bin", "go.lock"),
          () => make(program, go, folder, modules, report, options),
          {
            signal: options.signal,
            onWait: () => report.enter("waiting"),
          },
        );
        return { ...built, fresh: true, elapsedMs: report.elapsedMs() };
      },
      { signal: options.signal, onWait: () => report.enter("waiting") },
    );
  } finally {
    report.end();
  }
}

/** Compile aside and rename. What a killed builder left of the same key goes first: the lock is ours. */
async function make(
  program: Program,
  go: GoToolchain,
  folder: string,
  modules: string,
  report: Reporter,
  options: BuildOptions,
): Promise<void> {
  removeLeftovers(folder);
  const aside = besidePath(folder);
  const scratch = join(aside, "scratch");
  mkdirSync(scratch, { recursive: true });
  try {
    await compile(
      program,
      go,
      { output: join(aside, program.name), scratch, modules },
      report,
      options.signal,
    );
    rmSync(scratch, { recursive: true, force: true });
    for (const alias of program.aliases) symlinkSync(program.name, join(aside, alias));
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function removeLeftovers(folder: string): void {
  for (const entry of readdirSync(dirname(folder))) {
    if (entry.startsWith(`${basename(folder)}.`) && entry.endsWith(".tmp"))
      rmSync(join(dirname(folder), entry), { recursive: true, force: true });
  }
}

async function compile(
  program: Program,
  go: GoToolchain,
  place: { output: string; scratch: string; modules: string },
  report: Reporter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const folder = join(place.modules, program.module);
  const common = { command: go.command, folder, signal, env: { GOTMPDIR: place.scratch } };
  const count = (line: string) => {
    if (line.startsWith("go: downloading")) report.progress.done++;
  };
  report.enter("fetching");
  // Listing fetches exactly the modules that the program needs, and tells how many packages it has.
  const listed = await runGo({
    ...common,
    args: ["list", ...tagFlags(program), "-deps", "-f", "{{.ImportPath}}", program.package],
    onStdout: () => report.progress.total++,
    onStderr: count,
  });
  if (listed.code !== 0) throw buildFailure(program, listed.tail);
  report.progress.done = 0;
  report.enter("compiling");
  const mainPackage = program.package.startsWith(".") ? /^landfall\.dev\// : program.package;
  const result = await runGo({
    ...common,
    args: [
      "build",
      "-v",
      ...buildFlags,
      ...tagFlags(program),
      "-ldflags",
      linkerFlags(program),
      "-o",
      place.output,
      program.package,
    ],
    onStderr: (line) => {
      if (line.startsWith("go: ") || line.startsWith("#")) return;
      report.progress.done++;
      // `go build -v` names a package when it starts with it; the main package comes last, before the linker.
      if (typeof mainPackage === "string" ? line === mainPackage : mainPackage.test(line))
        report.enter("linking");
    },
  });
  if (result.code !== 0) throw buildFailure(program, result.tail);
}

/** Go's own words, without the list of packages that went well. */
function buildFailure(program: Program, tail: string[]): Error {
  const words = tail.filter((line) => /[\s:]/.test(line) && !line.startsWith("go: downloading"));
  const needs = /requires go >= ([\d.]+)/.exec(words.join("\n"))?.[1];
  if (needs) return goTooOld(needs, words.at(-1) ?? "");
  return failure("LF5001", {
    what: `${program.name} ${program.version} cannot be built from its Go module`,
    why: (words.length > 0 ? words : tail).slice(-8).join("\n"),
    fix: hint(words.join("\n")),
  });
}

function hint(words: string): string {
  if (/no space left on device/.test(words)) return "free some disk space, then run the command again";
  if (/dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|proxyconnect/.test(words))
    return "let this machine reach a Go module proxy (GOPROXY), or name the program with LANDFALL_BIN_DIR";
  return "name a ready program with LANDFALL_BIN_DIR, or report this with the text above";
}
