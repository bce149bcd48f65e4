import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { certificates, ensurePki, isCurrent, type PkiWish } from "./ensure.ts";
import { issueAuthority, issueCertificate } from "./issue.ts";

const wish: PkiWish = { nodeName: "landfall-a", apiIps: ["10.201.0.2"], nodeIps: ["10.201.0.2"] };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-pki-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(folder, name), "utf8");

test("issues everything once, then nothing", async () => {
  const first = await ensurePki(folder, wish);
  expect(first.sort()).toEqual([...Object.keys(certificates(wish)), "ca", "front-proxy-ca", "sa"].sort());
  expect(await ensurePki(folder, wish)).toEqual([]);
  expect(statSync(join(folder, "ca.key")).mode & 0o777).toBe(0o600);
  const api = new X509Certificate(read("apiserver.crt"));
  for (const ip of ["127.0.0.1", "10.96.0.1", "10.201.0.2"]) expect(api.checkIP(ip)).toBe(ip);
  expect(api.checkHost("kubernetes.default.svc")).toBe("kubernetes.default.svc");
  expect(api.verify(createPublicKey(read("ca.crt")))).toBe(true);
  expect(new X509Certificate(read("kubelet.crt")).subject).toBe("O=system:nodes\nCN=system:node:landfall-a");
});

test("a new address re-issues only what names it, a damaged or lost file only itself", async () => {
  await ensurePki(folder, wish);
  expect(await ensurePki(folder, { ...wish, apiIps: ["10.201.0.6"] })).toEqual(["apiserver"]);
  await ensurePki(folder, wish);
  writeFileSync(join(folder, "scheduler.crt"), "half a fi");
  rmSync(join(folder, "admin.key"));
  expect((await ensurePki(folder, wish)).sort()).toEqual(["admin", "scheduler"]);
});

test("a lost authority re-issues what it signed, and only that", async () => {
  await ensurePki(folder, wish);
  rmSync(join(folder, "front-proxy-ca.crt"));
  expect((await ensurePki(folder, wish)).sort()).toEqual(["front-proxy-ca", "front-proxy-client"]);
});

test("a certificate that ends within 30 days is not current", async () => {
  const authority = await issueAuthority("x");
  const subject = { commonName: "y", usages: ["client" as const] };
  expect(isCurrent(await issueCertificate(authority, subject, 31), authority, subject)).toBe(true);
  expect(isCurrent(await issueCertificate(authority, subject, 29), authority, subject)).toBe(false);
});
