import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** A value at the end of a path in a SOPS document. */
export type Leaf = string | number | bigint | boolean;

/** Why one value did not decrypt; the message never holds the value. */
export class ValueError extends Error {}

const encrypted =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:([a-z]+)\]$/;

const ivBytes = 32;
const tagBytes = 16;

/** Whether a text has the form of one encrypted value. */
export function isEncryptedValue(text: string): boolean {
  return encrypted.test(text);
}

/** A value as SOPS writes it before encrypting and into the MAC: "True", "12", "0.5", or the text itself. */
export function valueText(value: Leaf): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? plainDecimal(value) : String(value);
}

/** The shortest digits that give the number back, without an exponent, as SOPS wants them. */
function plainDecimal(value: number): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (!match) return String(value);
  const [, sign = "", first = "", rest = "", exponent = "0"] = match;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function typeOf(value: Leaf): string {
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" || Number.isSafeInteger(value) ? "int" : "float";
}

/**
 * Encrypt one value with AES-256-GCM and a fresh 32-byte IV. `context` is authenticated with it (the path).
 * The empty text stays as it is: SOPS has no ciphertext for it.
 */
export function encryptValue(value: Leaf, key: Uint8Array, context: string): string {
  if (value === "") return "";
  if (typeof value === "string" && !value.isWellFormed()) throw new ValueError("it is not valid Unicode");
  if (typeof value === "number" && !Number.isFinite(value)) throw new ValueError("it is not a finite number");
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(valueText(value), "utf8"), cipher.final()]);
  const [d, i, t] = [data, iv, cipher.getAuthTag()].map((bytes) => bytes.toString("base64"));
  return `ENC[AES256_GCM,data:${d},iv:${i},tag:${t},type:${typeOf(value)}]`;
}

/** Decrypt one value; throws ValueError when it is not encrypted, was changed, or stands at another path. */
export function decryptValue(text: string, key: Uint8Array, context: string): Leaf {
  if (text === "") return "";
  const match = encrypted.exec(text);
  if (!match) throw new ValueError("it is not encrypted");
  const [data, iv, tag] = match.slice(1, 4).map((part) => Buffer.from(part, "base64"));
  // A shorter tag would be easier to forge, and Node would take it.
  if (!data || !iv || tag?.length !== tagBytes) throw new ValueError("its tag has the wrong length");
  let plain: string;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(tag);
    plain = Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
  } catch {
    throw new ValueError("it was changed, or moved here from another key");
  }
  return typed(plain, match[4] ?? "");
}

function typed(plain: string, type: string): Leaf {
  if (type === "str" || type === "bytes" || type === "time") return plain;
  if (type === "bool" && /^(true|false)$/i.test(plain)) return plain.toLowerCase() === "true";
  if (type === "int" && /^-?\d+$/.test(plain)) return safeInteger(BigInt(plain));
  if (type === "float" && Number.isFinite(Number(plain))) return Number(plain);
  throw new ValueError(`its type ${type} is not known`);
}

function safeInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
