import { readFileSync } from "node:fs";
import { join } from "node:path";
import { failure, type LandfallError } from "../../util/errors.ts";
import { run } from "../machine/run.ts";

/** The Go that builds a module. */
export interface GoToolchain {
  command: string;
  /** e.g. `go1.26.8`. */
  version: string;
  os: string;
  arch: string;
}

/** The environment every `go` command gets: static results, and only the module's own requirements. */
export function goEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", ...extra };
}

/** Where a Go may be: `$LANDFALL_GO` alone when it is set, else PATH and the folder that Go's own archive names. */
export function goCommands(): string[] {
  return process.env.LANDFALL_GO ? [process.env.LANDFALL_GO] : ["go", "/usr/local/go/bin/go"];
}

/**
 * Ask the Go of `$LANDFALL_GO`, of PATH or of its usual folder what it is, in the module's folder, since its
 * `go` line may choose a toolchain. LF5006 when there is none or it is older than the module needs.
 */
export async function goToolchain(moduleFolder: string): Promise<GoToolchain> {
  const wanted = /^go (\S+)$/m.exec(readFileSync(join(moduleFolder, "go.mod"), "utf8"))?.[1] ?? "1.26";
  let why = "";
  for (const command of goCommands()) {
    const result = await run(command, ["-C", moduleFolder, "env", "GOVERSION", "GOOS", "GOARCH"], {
      env: goEnv(),
      // A toolchain switch downloads one first.
      timeoutMs: 300_000,
    });
    if (result.code === 0) {
      const [version = "", os = "", arch = ""] = result.stdout.trim().split("\n");
      return { command, version, os, arch };
    }
    if (!/\bENOENT\b/.test(result.stderr)) why ||= result.stderr.trim().split("\n").at(-1) ?? "";
  }
  throw goTooOld(wanted, why || "the programs are not here, could not be downloaded, and `go` was not found");
}

/** LF5006: no Go, or one that is older than a module needs. */
export function goTooOld(wanted: string, why: string): LandfallError {
  return failure("LF5006", {
    what: `Go ${wanted} or later is needed to build programs`,
    why,
    fix: `install Go ${wanted} or later and put it on PATH, or set LANDFALL_GO to it`,
  });
}
