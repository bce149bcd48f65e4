import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Code } from "../../util/codes.ts";
import { failure } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";

export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
}

export interface RunResult {
  /** The exit code; 127 when the command does not exist, 128 + n is not computed for signals (1 is given). */
  code: number;
  stdout: string;
  /** The last lines of both streams in the order they came, for error texts. */
  tail: string[];
}

const tailLines = 25;

/**
 * Run a tool in a process group of its own, so that aborting also ends what the tool started
 * (`go build` leaves compilers running otherwise). Every output line goes to `onProgress`.
 */
export async function run(
  command: string,
  args: string[],
  options: RunOptions & BuildContext = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended in the meantime.
    }
  };
  options.signal?.addEventListener("abort", stop);
  const stdout: string[] = [];
  const tail: string[] = [];
  const note = (line: string, keep: boolean) => {
    if (keep) stdout.push(line);
    if (!line.trim()) return;
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    options.onProgress?.(line);
  };
  createInterface({ input: child.stdout }).on("line", (line) => note(line, true));
  createInterface({ input: child.stderr }).on("line", (line) => note(line, false));
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        error.code === "ENOENT" ? resolve(127) : reject(error),
      );
      child.on("close", (value) => resolve(value ?? 1));
    });
    options.signal?.throwIfAborted();
    return { code, stdout: stdout.join("\n"), tail };
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}

/** Like {@link run}; any exit code but 0 is thrown as a problem whose `why` is the tool's last lines. */
export async function runOrFail(
  command: string,
  args: string[],
  options: RunOptions & BuildContext & { code: Code; what: string; fix: string },
): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code === 127 && result.tail.length === 0) throw missingTool(command, options.what);
  if (result.code !== 0) {
    throw failure(options.code, { what: options.what, why: result.tail.join("\n      "), fix: options.fix });
  }
  return result;
}

const toolFixes: Record<string, string> = {
  go: "install Go 1.24 or newer (https://go.dev/dl) and put it on PATH",
  npm: "install Node with npm and put it on PATH",
  python3: "install Python 3 with pip, on Debian: apt-get install -y python3 python3-pip",
};

/** The problem of a tool that is not on PATH, with how to get it. */
export function missingTool(command: string, what: string) {
  return failure("LF5006", {
    what: `${command} is not on PATH`,
    why: `without it: ${what}`,
    fix: toolFixes[command] ?? `install ${command}`,
  });
}
