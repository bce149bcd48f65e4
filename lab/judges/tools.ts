/** Judges are other people's programs; each is taken from PATH, else fetched once into the cache. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "../../src/embedded/binaries/find.ts";
import { findProgram } from "../../src/embedded/packages.ts";
import { messageOf } from "../../src/util/errors.ts";
import { makeFolderAtomic } from "../../src/util/files.ts";
import { cachePath } from "../../src/util/home.ts";

const exec = promisify(execFile);
const patience = { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };

/** A program with the arguments that come first, or why there is none. */
export type Tool = { command: string; first: string[] } | { missing: string };

export interface Verdict {
  code: number;
  /** stdout and stderr. */
  text: string;
}

/** Run a judge. Its own refusal is a verdict, not an error. */
export async function judge(tool: Tool, args: string[], cwd?: string): Promise<Verdict> {
  if ("missing" in tool) throw new Error(tool.missing);
  const options = { ...patience, ...(cwd && { cwd }) };
  try {
    const { stdout, stderr } = await exec(tool.command, [...tool.first, ...args], options);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const failed = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof failed.code !== "number") throw error;
    return { code: failed.code, text: `${failed.stdout}${failed.stderr}` };
  }
}

/** A program that landfall knows how to build, where that was done already or PATH has it. */
export async function landfallTool(name: string): Promise<Tool> {
  return attempt(name, async () => {
    const { path } = await findBinary(name, { download: false, build: false });
    return { command: path, first: [] };
  });
}

/** A program of a Debian package, unpacked in the cache and not installed: no daemon starts. */
export async function debianTool(name: string, program: string): Promise<Tool> {
  const onPath = findProgram(program);
  if (onPath) return { command: onPath, first: [] };
  return attempt(program, async () => {
    const { stdout } = await exec("apt-cache", ["policy", name], patience);
    const version = stdout.match(/Candidate: (\d\S*)/)?.[1];
    if (!version) throw new Error(`apt knows no package ${name}; run: apt-get update`);
    const folder = cachePath("judges", `${name}-${version}`);
    await makeFolderAtomic(folder, async (aside) => {
      const user = ["-o", "APT::Sandbox::User=root"];
      await exec("apt-get", ["download", "-qq", ...user, `${name}=${version}`], { ...patience, cwd: aside });
      await exec("sh", ["-c", "dpkg -x ./*.deb . && rm ./*.deb"], { ...patience, cwd: aside });
    });
    return { command: join(folder, "usr/bin", program), first: [] };
  });
}

/**
 * A command of a Python package, in an environment of its own. `main` is `module:function`, a module to run, or
 * `bin/<program>` for a package that brings a program in machine code.
 */
export async function pythonTool(name: string, version: string, main: string): Promise<Tool> {
  return attempt(name, async () => {
    const folder = cachePath("judges", `${name}-${version}`);
    await makeFolderAtomic(folder, async (aside) => {
      await exec("python3", ["-m", "venv", aside], patience);
      const install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", `${name}==${version}`];
      await exec(join(aside, "bin/python3"), install, patience);
    });
    if (main.startsWith("bin/")) return { command: join(folder, main), first: [] };
    // Not the package's own script: its first line names the folder it was made in.
    const [module, entry] = main.split(":");
    const call = `import sys; from ${module} import ${entry} as main; sys.exit(main())`;
    return { command: join(folder, "bin/python3"), first: entry ? ["-c", call] : ["-m", main] };
  });
}

/** The folder of an npm package alone, without what it depends on; undefined where it cannot be had. */
export async function npmPackage(name: string, version: string): Promise<string | undefined> {
  const folder = cachePath("judges", `${name}-${version}`);
  try {
    await makeFolderAtomic(folder, async (aside) => {
      await exec("npm", ["pack", "--silent", `${name}@${version}`], { ...patience, cwd: aside });
      await exec("sh", ["-c", "tar -xzf ./*.tgz && rm ./*.tgz"], { ...patience, cwd: aside });
    });
    return join(folder, "package");
  } catch (error) {
    process.stderr.write(`skipped: ${name} cannot be had: ${messageOf(error).split("\n")[0]}\n`);
    return undefined;
  }
}

async function attempt(name: string, find: () => Promise<Tool>): Promise<Tool> {
  try {
    const tool = await find();
    if ("command" in tool && !existsSync(tool.command)) throw new Error(`${tool.command} is not there`);
    return tool;
  } catch (error) {
    return { missing: `${name} cannot be had: ${messageOf(error).split("\n")[0]}` };
  }
}

/** Say why a judge is silent; true when it is there. */
export function isThere(tool: Tool): boolean {
  if ("missing" in tool) process.stderr.write(`skipped: ${tool.missing}\n`);
  return !("missing" in tool);
}
