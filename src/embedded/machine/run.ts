import { execFile } from "node:child_process";
import { failure } from "../../util/errors.ts";

/** What a short command said and how it ended (`code` is -1 when it could not be started). */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Run a short command without a shell. Never throws. */
export async function run(
  command: string,
  args: string[],
  options: { timeoutMs?: number; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<RunResult> {
  return await new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      {
        timeout: options.timeoutMs ?? 30_000,
        maxBuffer: 64 * 1024 * 1024,
        env: options.env ?? process.env,
        encoding: "utf8",
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr: stderr || (error && code === -1 ? error.message : "") });
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}

/** Run a command that must succeed; LF9002 with its words otherwise. Answers its stdout. */
export async function runOrFail(command: string, args: string[], timeoutMs?: number): Promise<string> {
  const result = await run(command, args, timeoutMs ? { timeoutMs } : {});
  if (result.code === 0) return result.stdout;
  throw failure("LF9002", {
    what: `\`${[command, ...args].join(" ")}\` failed`,
    why: result.stderr.trim() || `it ended with ${result.code}`,
  });
}
