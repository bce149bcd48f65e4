/**
 * The program in a process that stays: each message is a command line, each answer what it said and its exit code. For
 * what commands do before they look at anything, which is the same in a process of its own, but not as quick.
 */
import type { Ran } from "./landfall.ts";

const main = new URL("../main.ts", import.meta.url).href;
let commands = 0;

async function command(args: string[]): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = (text: string | Uint8Array) => {
      said[name] += text;
      return true;
    };
  process.argv.splice(2, process.argv.length, ...args);
  process.exitCode = undefined;
  commands += 1;
  // Another address makes it another module; all that it imports is there already.
  await import(`${main}?command=${commands}`);
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { code, ...said };
}

process.on("message", async (args: string[]) => process.send?.(await command(args)));
