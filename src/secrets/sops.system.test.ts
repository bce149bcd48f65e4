import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { messageOf } from "../util/errors.ts";
import { besidePath } from "../util/files.ts";
import { cachePath } from "../util/home.ts";
import { ensureKeys, identityPath, readIdentities } from "./keys.ts";
import { readCiphertext } from "./list.ts";
import { withNamespace } from "./namespace.ts";
import { decryptDocument, encryptDocument, sopsVersion } from "./sops.ts";
import { setSecret } from "./store.ts";
import { useFolders } from "./testing.ts";
import { reveal } from "./values.ts";

/** The real sops of the version whose format this is: from the cache, else built from its Go module. */
function findSops(): { path: string } | { missing: string } {
  const path = cachePath("bin", `sops-${sopsVersion}`, "sops");
  if (existsSync(path)) return { path };
  if (spawnSync("go", ["version"]).status !== 0) return { missing: "Go is not installed" };
  const aside = besidePath(dirname(path));
  try {
    const module = `github.com/getsops/sops/v3/cmd/sops@v${sopsVersion}`;
    const env = { ...process.env, GOBIN: aside, CGO_ENABLED: "0", GOFLAGS: "-trimpath" };
    execFileSync("nice", ["-n", "10", "go", "install", module], { env, stdio: "pipe" });
    mkdirSync(dirname(dirname(path)), { recursive: true });
    renameSync(aside, dirname(path));
    return { path };
  } catch (error) {
    return { missing: `sops does not build: ${messageOf(error).split("\n")[0]}` };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const found = findSops();
if ("missing" in found) process.stderr.write(`skipped: the tests against the real sops (${found.missing})\n`);
const folders = useFolders();

function sops(args: string[], cwd = folders.dir): { code: number | null; out: string; err: string } {
  const env = { ...process.env, SOPS_AGE_KEY_FILE: identityPath("acme"), HOME: folders.home };
  const command = "path" in found ? found.path : "";
  const run = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const values = {
  plain: "pa$$w0rd: #x",
  empty: "",
  lines: "-----BEGIN KEY-----\nabc\n\tdef\r\n-----END KEY-----\n",
  unicode: "密码 🔑 é",
  number: "12",
  bool: "true",
  date: "2026-01-01",
  long: "x".repeat(300),
  "10": "numeric key",
  "9": "another",
  null: "key null",
};

describe.skipIf("missing" in found)("with the real sops", () => {
  it("sops reads, verifies and edits what we write", async () => {
    await ensureKeys(folders.dir, "acme");
    const binary = new Uint8Array([0, 1, 254, 255]);
    // Line breaks to some YAML readers and not to others, so kept as bytes.
    const breaks = "a\u2028b\u0085c";
    const { file } = await setSecret(folders.dir, "db", { values: { ...values, binary, breaks } });
    const run = sops(["decrypt", "secrets/db.yaml"]);
    expect(run.err).toBe("");
    const clear = parse(run.out);
    expect(clear.stringData).toEqual(values);
    expect(clear.data).toEqual({
      binary: Buffer.from(binary).toString("base64"),
      breaks: Buffer.from(breaks).toString("base64"),
    });
    writeFileSync(file, withNamespace(readFileSync(file, "utf8"), "shop"));
    expect(parse(sops(["decrypt", file]).out).metadata.namespace).toBe("shop");
    expect(sops(["set", "secrets/db.yaml", '["stringData"]["plain"]', '"by sops"'])).toMatchObject({
      code: 0,
    });
    expect(await reveal(folders.dir, "db")).toEqual({
      ...values,
      plain: "by sops",
      binary: Buffer.from(binary),
      breaks: Buffer.from(breaks),
    });
    expect(sops(["rotate", "-i", "secrets/db.yaml"])).toMatchObject({ code: 0 });
    expect(await reveal(folders.dir, "db")).toMatchObject({ plain: "by sops" });
    await setSecret(folders.dir, "db", { values: { plain: "ours again" } });
    expect(parse(sops(["decrypt", file]).out).stringData.plain).toBe("ours again");
  });

  it("we read what sops writes under our .sops.yaml", async () => {
    await ensureKeys(folders.dir, "acme");
    mkdirSync(join(folders.dir, "secrets"));
    const manifest = { apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, stringData: values };
    const file = join(folders.dir, "secrets/db.yaml");
    writeFileSync(file, JSON.stringify(manifest));
    expect(sops(["encrypt", "-i", "secrets/db.yaml"])).toMatchObject({ code: 0 });
    expect(readCiphertext(folders.dir, "db").keys).toEqual(Object.keys(values).sort());
    expect(await reveal(folders.dir, "db")).toEqual(values);
  });

  it("agree on every type and rule, and on a MAC over the whole document", async () => {
    const { recipients } = await ensureKeys(folders.dir, "acme");
    const clear = {
      a: 1,
      b: -2.5,
      c: true,
      d: "text",
      e: [1, "two", { f: false }],
      g: { h_unencrypted: "seen", i: 1e-9, j: 12345678901 },
      k: null,
    };
    // Away from .sops.yaml, which would decide instead of the options.
    const file = join(folders.home, "any.yaml");
    for (const rules of [
      { macOnlyEncrypted: false },
      { macOnlyEncrypted: true, encryptedRegex: "^[ei]$" },
      { macOnlyEncrypted: false, encryptedSuffix: "_unencrypted" },
      { macOnlyEncrypted: false, unencryptedRegex: "^g" },
    ]) {
      writeFileSync(file, await encryptDocument(clear, recipients, { rules }));
      const run = sops(["decrypt", file]);
      expect(run.err).toBe("");
      expect(parse(run.out)).toEqual(clear);
    }
    for (const option of [
      [],

      ["--encrypted-regex", "^[ei]$"],
      ["--unencrypted-suffix", "d"],
    ]) {
      writeFileSync(file, `# note\n${JSON.stringify(clear)}\n`);
      const args = ["encrypt", "--age", recipients[0] as string, ...option, file];
      const { out, err } = sops(args, folders.home);
      expect(err).toBe("");
      expect(await decryptDocument(out, readIdentities(), "any.yaml")).toEqual(clear);
    }
  });

  it("sops, too, finds our files changed", async () => {
    await ensureKeys(folders.dir, "acme");
    const { file } = await setSecret(folders.dir, "db", { values: { one: "1", two: "2" } });
    const text = readFileSync(file, "utf8");
    const changes = [
      text.replace("  one:", "  uno:"),
      text.replace(/ {2}two: .*\n/, ""),
      text.replace(/( {2}one: .*\n)( {2}two: .*\n)/, "$2$1"),
      text.replace(/one: (.*)\n {2}two: (.*)/, "one: $2\n  two: $1"),
      text.replace(/mac: .*/, 'mac: ""'),
    ];
    for (const changed of changes) {
      expect(changed).not.toBe(text);
      writeFileSync(file, changed);
      expect(sops(["decrypt", file]).code).not.toBe(0);
    }
  });
});
