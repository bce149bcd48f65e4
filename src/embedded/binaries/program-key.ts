import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson, sha256 } from "../../util/hash.ts";
import type { GoToolchain } from "./go-toolchain.ts";
import type { Program } from "./program.ts";

/** Where the Go modules are. */
export const goModulesFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), "go");

/**
 * Flags of every build. DWARF is left out when compiling, not only when linking: the binaries are stripped
 * anyway, and a cold build takes an eighth less.
 */
export const buildFlags = ["-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"];

/** The flags that a program's build tags become. */
export function tagFlags({ tags = [] }: Program): string[] {
  return tags.length > 0 ? ["-tags", tags.join(",")] : [];
}

/** The linker's flags of a program. */
export function linkerFlags(program: Program): string {
  return ["-s", "-w", ...program.ldflags].join(" ");
}

/** The module's files that decide what comes out. Only a main package of ours is made of the module's sources. */
function sourceFiles(program: Program, module: string): string[] {
  const decides = program.package.startsWith(".") ? /(\.go|^go\.mod|^go\.sum)$/ : /^go\.(mod|sum)$/;
  return readdirSync(module, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && decides.test(entry.name))
    .map((entry) => relative(module, join(entry.parentPath, entry.name)))
    .sort();
}

/** A hash of what a program is made of, whichever Go builds it: 24 hex digits. */
export function sourceKey(program: Program, os: string, arch: string, folder = goModulesFolder): string {
  const module = join(folder, program.module);
  const files = sourceFiles(program, module).map((file) => [file, sha256(readFileSync(join(module, file)))]);
  const flags = [...buildFlags, ...tagFlags(program)];
  const recipe = [program.package, linkerFlags(program), flags, program.aliases, os, arch, files];
  return sha256(canonicalJson(recipe)).slice(0, 24);
}

/**
 * The name of a program's folder in the cache: its sources, then the Go. Kept apart so that a machine that has
 * no Go any more still finds what was built.
 */
export function programKey(program: Program, go: GoToolchain, folder = goModulesFolder): string {
  return `${sourceKey(program, go.os, go.arch, folder)}-${go.version.replaceAll(/[^\w.-]+/g, "_")}`;
}
