import { hash } from "node:crypto";

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}

/** JSON with keys sorted at every level, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : v,
  );
}

/** The id Git gives to a file with this content (SHA-1). */
export function blobId(data: string | Uint8Array): string {
  if (typeof data === "string") return hash("sha1", `blob ${Buffer.byteLength(data)}\0${data}`);
  return hash("sha1", Buffer.concat([Buffer.from(`blob ${data.length}\0`), data]));
}
