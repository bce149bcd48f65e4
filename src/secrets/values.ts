import { failure } from "../util/errors.ts";
import { readIdentities } from "./keys.ts";
import { readCiphertext } from "./list.ts";
import { decryptDocument } from "./sops.ts";

/** Values by key. Bytes that are not plain text are kept under `data`, everything else under `stringData`. */
export type SecretValues = Record<string, string | Uint8Array>;

/** The values in clear, for bootstrap only: never print them. Throws as `readCiphertext`, and LF7002. */
export async function reveal(dir: string, name: string, environment?: string): Promise<SecretValues> {
  const { text, file } = readCiphertext(dir, name, environment);
  return decryptValues(text, file);
}

/** The values of one encrypted manifest. */
export async function decryptValues(text: string, file: string): Promise<SecretValues> {
  const { data, stringData } = (await decryptDocument(text, readIdentities(), file)) as {
    data?: Record<string, string>;
    stringData?: Record<string, string>;
  };
  const bytes = Object.entries(data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, "base64")]);
  return { ...Object.fromEntries(bytes), ...stringData };
}

/** Kubernetes takes a Secret of 1 MiB; throws LF2012 for more. */
export function checkSize(name: string, values: SecretValues): void {
  const bytes = Object.values(values).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  if (bytes <= 1024 * 1024) return;
  throw failure("LF2012", {
    what: `the secret ${name} has ${(bytes / 1024 / 1024).toFixed(1)} MiB`,
    why: "Kubernetes takes a Secret of 1 MiB",
    fix: "split it, or keep the file where the app fetches it and only the key to it here",
  });
}

/** Values as the sections of a manifest, keys sorted: Kustomize sorts them too, and a MAC needs one order. */
export function sections(values: SecretValues): {
  data?: Map<string, string>;
  stringData?: Map<string, string>;
} {
  const data = new Map<string, string>();
  const stringData = new Map<string, string>();
  for (const [key, value] of Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = textOf(bytesOf(key, value));
    if (text !== undefined) stringData.set(key, text);
    else data.set(key, Buffer.from(value).toString("base64"));
  }
  return { ...(data.size > 0 && { data }), ...(stringData.size > 0 && { stringData }) };
}

function bytesOf(key: string, value: string | Uint8Array): Uint8Array {
  if (typeof value !== "string") return value;
  if (value.isWellFormed()) return Buffer.from(value);
  throw failure("LF1003", { what: `the value of ${key} is not valid Unicode` });
}

/** Bytes as text, or undefined where they are not UTF-8 or hold control characters that YAML may not carry. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[^\P{Cc}\t\n\r]|[\uFEFF\u2028\u2029]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
