import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { generateValue } from "./generate.ts";
import { ensureKeys, identityPath, readIdentities } from "./keys.ts";
import { listSecrets, readCiphertext } from "./list.ts";
import { withName, withNamespace } from "./namespace.ts";
import { decryptDocument } from "./sops.ts";
import { rotateSecret, setSecret } from "./store.ts";
import { problemOf, useFolders } from "./testing.ts";
import { reveal } from "./values.ts";

const folders = useFolders();
beforeEach(async () => {
  await ensureKeys(folders.dir, "acme");
});
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

describe("a secret", () => {
  it("of more than Kubernetes takes is refused, and what was there stays", async () => {
    const values = { blob: new Uint8Array(1024 * 1024) };
    const { file } = await setSecret(folders.dir, "big", { values });
    const before = readFileSync(file, "utf8");
    const problem = await problemOf(() => setSecret(folders.dir, "big", { values: { more: "x" } }));
    expect(problem).toMatchObject({ code: "LF2012", what: "the secret big has 1.0 MiB" });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("is a Kubernetes Secret manifest", async () => {
    const binary = new Uint8Array([0, 255, 128]);
    const values = { user: "anna", password: "päss\nword", tls: binary, piped: Buffer.from("from stdin\n") };
    const { file } = await setSecret(folders.dir, "db", {
      values,
      namespace: "shop",
      rotate: "90d",
      now: day(1),
    });
    expect(file).toBe(join(folders.dir, "secrets/db.yaml"));
    expect(parse(readFileSync(file, "utf8"))).toMatchObject({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "db",
        namespace: "shop",
        annotations: { "landfall.dev/rotated-at": "2026-01-01T00:00:00Z", "landfall.dev/rotate": "90d" },
      },
      type: "Opaque",
    });
    expect(await reveal(folders.dir, "db")).toEqual({
      user: "anna",
      password: "päss\nword",
      tls: Buffer.from(binary),
      piped: "from stdin\n",
    });
  });

  it("keeps its other keys, labels and rotation when one key is set", async () => {
    const { file } = await setSecret(folders.dir, "db", { values: { a: "1", b: "2" }, rotate: "7d" });
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("  name: db", "  name: db\n  labels:\n    team: red"),
    );
    const { keys } = await setSecret(folders.dir, "db", { values: { b: new Uint8Array([200]), c: "" } });
    expect(keys).toEqual(["a", "b", "c"]);
    expect(await reveal(folders.dir, "db")).toEqual({ a: "1", b: Buffer.from([200]), c: "" });
    const { metadata } = parse(readFileSync(file, "utf8"));
    expect(metadata.labels).toEqual({ team: "red" });
    expect(metadata.annotations["landfall.dev/rotate"]).toBe("7d");
  });

  it("can be set whole without an identity, but not in part", async () => {
    await setSecret(folders.dir, "db", { values: { a: "1", b: "2" } });
    rmSync(identityPath("acme"));
    await setSecret(folders.dir, "db", { values: { a: "3", b: "4" } });
    expect((await problemOf(() => setSecret(folders.dir, "db", { values: { a: "5" } }))).code).toBe("LF7002");
  });

  it("has an environment's value in the environment, the general one elsewhere", async () => {
    await setSecret(folders.dir, "db", { values: { value: "all" } });
    await setSecret(folders.dir, "db", { values: { value: "prod" }, environment: "prod" });
    expect(await reveal(folders.dir, "db", "prod")).toEqual({ value: "prod" });
    expect(await reveal(folders.dir, "db", "dev")).toEqual({ value: "all" });
    const missing = await problemOf(() => readCiphertext(folders.dir, "none", "dev"));
    expect(missing).toMatchObject({ code: "LF7001", fix: "landfall secret set none --environment dev" });
  });

  it("is refused under a name, key or duration Kubernetes or landfall does not take", async () => {
    const values = { value: "x" };
    for (const name of ["../up", "Up", "a.b", "", "-a", "a".repeat(64)])
      expect((await problemOf(() => setSecret(folders.dir, name, { values }))).code).toBe("LF1015");
    expect((await problemOf(() => setSecret(folders.dir, "a", { values, environment: ".." }))).code).toBe(
      "LF1015",
    );
    expect((await problemOf(() => setSecret(folders.dir, "a", { values: { "a b": "x" } }))).code).toBe(
      "LF1003",
    );
    expect((await problemOf(() => setSecret(folders.dir, "a", { values, rotate: "soon" }))).code).toBe(
      "LF1003",
    );
    expect((await problemOf(() => setSecret(folders.dir, "a", { values: { v: "\ud800" } }))).code).toBe(
      "LF1003",
    );
    expect((await problemOf(() => setSecret(folders.dir, "a", {}))).code).toBe("LF7001");
    expect(listSecrets(folders.dir)).toEqual({ secrets: [], problems: [] });
  });
});

describe("rotation", () => {
  it("makes generated values anew with a new data key and keeps the others", async () => {
    const { file } = await setSecret(folders.dir, "db", {
      values: { user: "anna" },
      generate: { pw: 24 },
      now: day(1),
    });
    const before: Record<string, unknown> = {
      ...(await reveal(folders.dir, "db")),
      enc: parse(readFileSync(file, "utf8")).sops.age[0].enc,
    };
    expect((await rotateSecret(folders.dir, "db", { now: day(9) })).rotated).toEqual(["pw"]);
    const after = await reveal(folders.dir, "db");
    expect(after.user).toBe("anna");
    expect(after.pw).toMatch(/^[\w-]{24}$/);
    expect(after.pw).not.toBe(before.pw);
    expect(parse(readFileSync(file, "utf8")).sops.age[0].enc).not.toBe(before.enc);
    expect(listSecrets(folders.dir).secrets[0]?.rotatedAt).toBe("2026-01-09T00:00:00Z");
    expect((await rotateSecret(folders.dir, "db")).rotated).toEqual(["pw"]);
  });

  it("asks for a value that landfall did not make", async () => {
    await setSecret(folders.dir, "db", { values: { value: "x" } });
    expect((await problemOf(() => rotateSecret(folders.dir, "db"))).code).toBe("LF7001");
    await rotateSecret(folders.dir, "db", { values: { value: "y" } });
    expect(await reveal(folders.dir, "db")).toEqual({ value: "y" });
  });

  it("is due when its time has passed", async () => {
    await setSecret(folders.dir, "db", { values: { value: "x" }, rotate: "2d", now: day(1) });
    const at = (n: number) => listSecrets(folders.dir, day(n)).secrets[0];
    expect(at(2)).toMatchObject({ name: "db", keys: ["value"], due: false, dueAt: "2026-01-03T00:00:00Z" });
    expect(at(3)?.due).toBe(true);
  });
});

describe("a damaged file", () => {
  const cases: Record<string, { change: (text: string) => string; line: number }> = {
    "with a value in clear": { change: (t) => t.replace(/value: ENC.*/, "value: hunter2"), line: 9 },
    "of another name": { change: (t) => t.replace("name: db", "name: other"), line: 4 },
    "cut short": { change: (t) => t.slice(0, t.indexOf("mac:")), line: 11 },
    "without sops": { change: (t) => t.slice(0, t.indexOf("sops:")), line: 1 },
    "with conflict marks": { change: (t) => t.replace("type:", "<<<<<<< HEAD\ntype:"), line: 7 },
    "of nothing": { change: () => "", line: 1 },
  };
  it.each(Object.entries(cases))(
    "%s is named with its line and others go on",
    async (_name, { change, line }) => {
      await setSecret(folders.dir, "ok", { values: { value: "x" } });
      const { file } = await setSecret(folders.dir, "db", { values: { value: "x" } });
      writeFileSync(file, change(readFileSync(file, "utf8")));
      const { secrets, problems } = listSecrets(folders.dir);
      expect(secrets.map((secret) => secret.name)).toEqual(["ok"]);
      expect(problems).toMatchObject([{ code: "LF7003", where: { file, line } }]);
      expect(JSON.stringify(problems)).not.toContain("hunter2");
      for (const run of [
        () => readCiphertext(folders.dir, "db"),
        () => setSecret(folders.dir, "db", { values: { value: "y" } }),
      ])
        expect((await problemOf(run)).code).toBe("LF7003");
    },
  );
});

describe("withNamespace", () => {
  it("changes one word of the text, and the MAC holds", async () => {
    await setSecret(folders.dir, "db", { values: { value: "x" } });
    const { text } = readCiphertext(folders.dir, "db");
    const once = withNamespace(text, "shop");
    expect(once.split("\n").filter((line) => !text.split("\n").includes(line))).toEqual([
      '  namespace: "shop"',
    ]);
    const twice = withNamespace(once, "other");
    expect(twice).toBe(once.replace('"shop"', '"other"'));
    const clear = await decryptDocument(twice, readIdentities(), "x");
    expect(clear).toMatchObject({ metadata: { name: "db", namespace: "other" }, stringData: { value: "x" } });
  });

  it("gives another name by one word of the text, quoted or not", () => {
    expect(withName("metadata:\n  name: a # note\n", "b")).toBe('metadata:\n  name: "b" # note\n');
    expect(withName('metadata: {name: "a"}\n', "b-1")).toBe('metadata: {name: "b-1"}\n');
  });

  it("works on one-line metadata, and refuses what is no namespace", async () => {
    expect(withNamespace("metadata: {name: a}\n", "1")).toBe('metadata: {namespace: "1", name: a}\n');
    expect((await problemOf(() => withNamespace("metadata: {name: a}\n", "a\nb"))).code).toBe("LF1015");
    expect((await problemOf(() => withNamespace("kind: Secret\n", "a"))).code).toBe("LF7003");
  });
});

it("generated values use all 64 characters evenly", async () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 64; i++) for (const c of generateValue(1000)) counts.set(c, (counts.get(c) ?? 0) + 1);
  expect(counts.size).toBe(64);
  // Each is expected 1000 times with a deviation of 31: seven of them mean one false alarm in 10^10 runs.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(220);
  expect((await problemOf(() => generateValue(8))).code).toBe("LF1003");
});

it("no value is ever seen in a file, in output or in an error", () => {
  const value = "hunter2-hunter2-hunter2";
  const program = `
    import * as secrets from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    import { readFileSync, writeFileSync } from "node:fs";
    const dir = process.argv[1], value = readFileSync(0, "utf8");
    const { file } = await secrets.setSecret(dir, "db", { values: { value, other: value } });
    await secrets.setSecret(dir, "db", { values: { value }, generate: { made: 32 }, environment: "prod" });
    await secrets.rotateSecret(dir, "db", { values: { value } });
    console.log(secrets.listSecrets(dir), secrets.readCiphertext(dir, "db"));
    const bad = { "a b": value };
    for (const run of [
      () => secrets.setSecret(dir, "db", { values: bad }),
      () => secrets.setSecret(dir, "db", { values: { value: value + "\\ud800" } }),
      () => secrets.setSecret(dir, value + "!", { values: { value } }).catch(() => { throw new Error("name"); }),
      () => { process.env.SOPS_AGE_KEY = value; return secrets.reveal(dir, "db"); },
    ]) await run().then(() => console.log("no error"), (e) => { console.error(e); console.log(JSON.stringify(e)); });
  `;
  const args = ["--input-type=module", "-e", program, folders.dir];
  const out = execFileSync(process.execPath, args, { input: value, encoding: "utf8", stdio: "pipe" });
  expect(out).toContain("ENC[AES256_GCM");
  expect(out).not.toContain("no error");
  const folder = [folders.dir, folders.home].flatMap((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  );
  expect(folder).toHaveLength(4);
  for (const text of [out, ...folder]) {
    for (const form of [
      value,
      Buffer.from(value).toString("base64").slice(0, -4),
      Buffer.from(value).toString("hex"),
    ])
      expect(text).not.toContain(form);
  }
});
