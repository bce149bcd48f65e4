import { buffer } from "node:stream/consumers";
import { failure } from "../util/errors.ts";

/** A secret's value: all of stdin without its last line break, or typed unseen on a terminal. */
export async function readSecretValue(name: string): Promise<Uint8Array> {
  if (!process.stdin.isTTY) {
    const bytes = await buffer(process.stdin);
    const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : undefined;
    const value = end === undefined ? bytes : bytes.subarray(0, end);
    if (value.length === 0) throw missing(name);
    return value;
  }
  const { password, isCancel } = await import("@clack/prompts");
  const answer = await password({ message: `The value of ${name}`, output: process.stderr });
  if (isCancel(answer)) throw failure("LF9003", { what: "nothing was set" });
  if (!answer) throw missing(name);
  return Buffer.from(answer);
}

function missing(name: string) {
  return failure("LF7001", {
    what: `no value was given for ${name}`,
    fix: `pipe it in: printf %s "$VALUE" | landfall secret set ${name}`,
  });
}
