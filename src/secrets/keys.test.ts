import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, it, vi } from "vitest";
import { ensureIdentity, ensureKeys, identityPath, readIdentities, revealIdentity } from "./keys.ts";
import { readRecipients, writeRecipients } from "./recipients.ts";
import { addRecipient } from "./share.ts";
import { setSecret } from "./store.ts";
import { problemOf, useFolders } from "./testing.ts";
import { reveal } from "./values.ts";

const folders = useFolders();

it("makes one identity a company, for its owner alone, and keeps it", async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => ensureIdentity("acme")));
  expect(runs.filter((run) => run.made)).toHaveLength(1);
  expect(new Set(runs.map((run) => run.recipient)).size).toBe(1);
  expect(statSync(identityPath("acme")).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folders.home, "keys"))).toEqual(["acme.agekey"]);
  expect(readFileSync(identityPath("acme"), "utf8")).toContain(`# public key: ${runs[0]?.recipient}`);
});

it("writes the recipient into .sops.yaml once", async () => {
  const first = await ensureKeys(folders.dir, "acme");
  expect(first.made).toBe(identityPath("acme"));
  expect(await ensureKeys(folders.dir, "acme")).toEqual({ recipients: first.recipients, made: undefined });
  expect(readRecipients(folders.dir)).toEqual(first.recipients);
});

it("on a second machine makes nothing, encrypts, and says how to decrypt", async () => {
  const { recipients } = await ensureKeys(folders.dir, "acme");
  const backup = `${folders.dir}/backup`;
  cpSync(identityPath("acme"), backup);
  rmSync(identityPath("acme"));
  expect(await ensureKeys(folders.dir, "acme")).toEqual({ recipients, made: undefined });
  await setSecret(folders.dir, "db", { values: { value: "x" } });
  for (const run of [() => reveal(folders.dir, "db"), () => revealIdentity(folders.dir)]) {
    const found = await problemOf(run);
    expect(found.code).toBe("LF7002");
    expect(found.why).toContain(recipients[0]);
    expect(found.fix).toContain("SOPS_AGE_KEY_FILE");
  }
  vi.stubEnv("SOPS_AGE_KEY_FILE", backup);
  expect(await reveal(folders.dir, "db")).toEqual({ value: "x" });
  vi.stubEnv("SOPS_AGE_KEY_FILE", undefined);
  vi.stubEnv("SOPS_AGE_KEY", readFileSync(backup, "utf8"));
  expect(await reveal(folders.dir, "db")).toEqual({ value: "x" });
  expect(readFileSync(backup, "utf8")).toContain(await revealIdentity(folders.dir));
});

it("names a damaged key file's line without quoting it", async () => {
  const identity = await generateX25519Identity();
  mkdirSync(join(folders.home, "keys"));
  writeFileSync(identityPath("acme"), `# note\n${identity.slice(0, -1)}\n`);
  const found = await problemOf(readIdentities);
  expect(found).toMatchObject({ code: "LF7002", where: { file: identityPath("acme"), line: 2 } });
  expect(JSON.stringify(found)).not.toContain(identity.slice(0, 30));
  writeFileSync(identityPath("acme"), `${identity.slice(0, -4)}QQQQ\n`);
  expect((await problemOf(() => ensureIdentity("acme"))).code).toBe("LF7002");
});

it("adds a recipient to every file and reports the damaged ones", async () => {
  await ensureKeys(folders.dir, "acme");
  await setSecret(folders.dir, "one", { values: { value: "1" } });
  await setSecret(folders.dir, "one", { values: { value: "2" }, environment: "prod" });
  writeFileSync(join(folders.dir, "secrets/bad.yaml"), "kind: Secret\n");
  const second = await generateX25519Identity();
  const recipient = await identityToRecipient(second);
  const { rewrapped, problems } = await addRecipient(folders.dir, recipient);
  expect(rewrapped).toHaveLength(2);
  expect(problems.map((p) => [p.code, p.where?.file])).toEqual([
    ["LF7003", join(folders.dir, "secrets/bad.yaml")],
  ]);
  expect((await addRecipient(folders.dir, recipient)).rewrapped).toEqual([]);
  rmSync(identityPath("acme"));
  vi.stubEnv("SOPS_AGE_KEY", second);
  expect(await reveal(folders.dir, "one", "prod")).toEqual({ value: "2" });
  const third = await identityToRecipient(await generateX25519Identity());
  vi.stubEnv("SOPS_AGE_KEY", undefined);
  expect((await problemOf(() => addRecipient(folders.dir, third))).code).toBe("LF7002");
  expect(readRecipients(folders.dir)).not.toContain(third);
});

it("refuses a private key given as recipient, and does not repeat it", async () => {
  const identity = await generateX25519Identity();
  const found = await problemOf(() => addRecipient(folders.dir, identity));
  expect(JSON.stringify(found)).not.toContain(identity);
});

it("keeps other rules and comments of a .sops.yaml", async () => {
  const config = join(folders.dir, ".sops.yaml");
  const [a, b] = await Promise.all(
    [1, 2].map(async () => identityToRecipient(await generateX25519Identity())),
  );
  writeFileSync(config, `creation_rules:\n  # other files\n  - path_regex: ^other/\n    age: ${a}\n`);
  expect(readRecipients(folders.dir)).toEqual([]);
  writeRecipients(folders.dir, [b as string]);
  writeRecipients(folders.dir, [b as string, a as string]);
  expect(readRecipients(folders.dir)).toEqual([b, a]);
  expect(readFileSync(config, "utf8")).toMatch(/# other files\n {2}- path_regex: \^other\/\n {4}age: age1/);
  writeFileSync(config, `creation_rules:\n  - age: [${a}, ${b}]\n`);
  expect(readRecipients(folders.dir)).toEqual([a, b]);
});
