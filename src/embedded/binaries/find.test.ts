import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { checksumOf, type DownloadFacts, download } from "./download.ts";
import { findBinary, versionFits } from "./find.ts";

let folder: string;
let server: Server;
let base: string;
let requests: string[];
let files: Record<string, Buffer>;

const facts: DownloadFacts = { name: "tool", version: "1.2.3", os: "linux", arch: "amd64" };
const sum = (data: Buffer) => createHash("sha256").update(data).digest("hex");

function script(path: string, says: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "${says}"\n`);
  chmodSync(path, 0o755);
  return path;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "landfall-find-"));
  vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
  vi.stubEnv("LANDFALL_BIN_DIR", "");
  requests = [];
  files = {};
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const file = files[request.url ?? ""];
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const offline = { download: false, build: false } as const;

test("the path the user names comes first, then LANDFALL_BIN_DIR, then PATH when the version fits", async () => {
  const path = script(join(folder, "path/kubectl"), "Client Version: v1.36.9");
  vi.stubEnv("PATH", `${join(folder, "path")}:${process.env.PATH}`);
  expect(await findBinary("kubectl", offline)).toEqual({ path, origin: "path" });
  const inFolder = script(join(folder, "bin/kubectl"), "anything");
  vi.stubEnv("LANDFALL_BIN_DIR", join(folder, "bin"));
  expect(await findBinary("kubectl", offline)).toEqual({ path: inFolder, origin: "user" });
  const named = script(join(folder, "named"), "anything");
  const binaries = { kubectl: named };
  expect(await findBinary("kubectl", { ...offline, binaries })).toEqual({ path: named, origin: "user" });
});

test("another minor version on PATH is passed over", async () => {
  script(join(folder, "path/kubectl"), "Client Version: v1.35.2");
  vi.stubEnv("PATH", `${join(folder, "path")}:${process.env.PATH}`);
  const error = await findBinary("kubectl", offline).catch((e: unknown) => e);
  expect((error as LandfallError).problems[0]?.code).toBe("LF5002");
});

test("a program for an image is not taken from PATH", async () => {
  script(join(folder, "path/traefik"), "Version: 3.6.12");
  vi.stubEnv("PATH", join(folder, "path"));
  await expect(findBinary("traefik", offline)).rejects.toBeInstanceOf(LandfallError);
});

test("a named path that is no program is an error, not a reason to use another one", async () => {
  const error = await findBinary("kubectl", { binaries: { kubectl: folder } }).catch((e: unknown) => e);
  expect((error as LandfallError).problems[0]).toMatchObject({
    code: "LF5002",
    what: expect.stringContaining(folder),
  });
});

test("versions fit by major and minor", () => {
  expect(versionFits("etcd Version: 3.6.11\nGo Version: go1.26.8", "3.6.8")).toBe(true);
  expect(versionFits("Kubernetes v1.36.0", "1.36.3")).toBe(true);
  expect(versionFits("Kubernetes v1.3.6", "1.36.3")).toBe(false);
  expect(versionFits("no version", "1.36.3")).toBe(false);
});

test("a checksum is found alone and in a list", () => {
  const a = "a".repeat(64);
  const b = "b".repeat(64);
  expect(checksumOf(`${a}\n`, "tool")).toBe(a);
  expect(checksumOf(`${b}  other\n${a} *tool\n`, "tool")).toBe(a);
  expect(checksumOf(`${b}  other\n`, "tool")).toBeUndefined();
});

test("a download that matches its checksum is kept, one that does not is refused aloud", async () => {
  const data = Buffer.from("program");
  files = { "/tool": data, "/tool.sha256": Buffer.from(sum(data)) };
  const from = { url: `${base}/{name}`, checksum: `${base}/{name}.sha256` };
  expect(await download(from, facts, join(folder, "tool"))).toBe(true);
  expect(readFileSync(join(folder, "tool"))).toEqual(data);
  files["/tool"] = Buffer.from("changed");
  const error = await download(from, facts, join(folder, "tool2")).catch((e: unknown) => e);
  expect((error as LandfallError).problems[0]).toMatchObject({
    code: "LF5002",
    why: expect.stringContaining(sum(data)),
  });
});

test("the wanted member of an archive is unpacked", async () => {
  const archive = pack();
  archive.entry({ name: "tool-1.2.3/README" }, "read me");
  archive.entry({ name: "tool-1.2.3/tool" }, "program");
  archive.finalize();
  const data = gzipSync(await buffer(archive));
  files = { "/tool.tar.gz": data, "/sums": Buffer.from(`${sum(data)}  tool.tar.gz\n`) };
  const from = { url: `${base}/tool.tar.gz`, checksum: `${base}/sums`, member: "tool-{version}/tool" };
  expect(await download(from, facts, join(folder, "tool"))).toBe(true);
  expect(readFileSync(join(folder, "tool"), "utf8")).toBe("program");
  expect(await download({ ...from, member: "missing" }, facts, join(folder, "none"))).toBe(false);
});

test("what is not published is asked once and does not make the host unreachable", async () => {
  const from = { url: `${base}/tool`, checksum: `${base}/tool.sha256` };
  expect(await download(from, facts, join(folder, "tool"))).toBe(false);
  expect(await download(from, facts, join(folder, "tool"))).toBe(false);
  expect(requests).toEqual(["/tool.sha256", "/tool.sha256"]);
});

test("a host that refuses is not asked a second time", async () => {
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(403).end();
  });
  const from = { url: `${base}/tool`, checksum: `${base}/tool.sha256` };
  expect(await download(from, facts, join(folder, "tool"))).toBe(false);
  expect(await download(from, facts, join(folder, "tool"))).toBe(false);
  expect(requests).toEqual(["/tool.sha256"]);
});
