import { randomInt } from "node:crypto";
import { failure } from "../util/errors.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * A random value of `length` characters from the 64 that are safe in URLs, each equally likely: 6 bits a character.
 * At least 16 (96 bits), at most 1024; throws LF1003 otherwise.
 */
export function generateValue(length = 32): string {
  if (!Number.isInteger(length) || length < 16 || length > 1024)
    throw failure("LF1003", { what: `a generated value has 16 to 1024 characters, not ${length}` });
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}
