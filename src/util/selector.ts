import { failure } from "./errors.ts";

/** Labels that a selector such as `tier=web,team=shop` asks for. Throws LF9001 where it is none. */
export function parseSelector(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.match(/^\s*([^=\s]+)=(\S+)\s*$/));
  if (pairs.includes(null))
    throw failure("LF9001", {
      what: `${text} is no selection of labels`,
      fix: "write key=value, several with commas between: tier=web,team=shop",
    });
  return Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]));
}
