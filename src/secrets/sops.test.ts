import { generateX25519Identity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptDocument, encryptDocument, rewrapDocument } from "./sops.ts";
import { problemOf } from "./testing.ts";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const other = await generateX25519Identity();
const open = (text: string, keys = [identity]) => decryptDocument(text, keys, "x.yaml");
const seal = (stringData: unknown) => encryptDocument({ kind: "Secret", stringData }, [recipient]);

describe("SOPS documents", () => {
  it("give back every kind of value", async () => {
    const stringData = {
      text: "pa$$w0rd: #x",
      empty: "",
      lines: "a\nb\r\n\tc\n",
      unicode: "密码 🔑 é\u0000\u2028",
      looksEncrypted: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]",
      nested: { list: ["x", true, 12, -1.5e-9, 1e21, 12345678901234567890n, null] },
      "10": "before",
      "2": "after",
    };
    const text = await seal(stringData);
    expect(text).toContain("kind: Secret");
    expect(text).not.toContain("密码");
    expect(await open(text)).toEqual({ kind: "Secret", stringData });
  });

  it("give back any nested map of texts", async () => {
    const { tree } = fc.letrec<{ tree: object }>((tie) => ({
      tree: fc.dictionary(
        fc.string({ unit: "binary" }),
        fc.oneof({ depthSize: "small" }, fc.string({ unit: "binary" }), tie("tree")),
        { maxKeys: 5, noNullPrototype: true },
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (data) => {
        expect(await open(await encryptDocument({ data }, [recipient]))).toEqual({ data });
      }),
      { numRuns: 60 },
    );
  });

  it("use a new data key and IV each time", async () => {
    const [a, b] = await Promise.all([seal({ a: "x" }), seal({ a: "x" })]);
    expect(a.match(/data:\S+/)?.[0]).not.toBe(b.match(/data:\S+/)?.[0]);
  });

  it("open for each recipient and for nobody else", async () => {
    const both = await encryptDocument({ data: { a: "x" } }, [await identityToRecipient(other), recipient]);
    expect(await open(both, [identity])).toEqual({ data: { a: "x" } });
    expect(await open(both, [other])).toEqual({ data: { a: "x" } });
    const mine = await seal({ a: "x" });
    for (const keys of [[other], []]) expect((await problemOf(() => open(mine, keys))).code).toBe("LF7002");
  });

  it("are wrapped to more recipients without touching values", async () => {
    const text = `# kept\n${await seal({ a: "x" })}`;
    const more = await rewrapDocument(
      text,
      [identity],
      [recipient, await identityToRecipient(other)],
      "x.yaml",
    );
    expect(await open(more, [other])).toEqual({ kind: "Secret", stringData: { a: "x" } });
    expect(more).toContain("# kept");
    const untouched = (t: string) => t.split("\n").filter((line) => /^ +(a|mac|lastmodified): /.test(line));
    expect(untouched(more)).toEqual(untouched(text));
    expect(untouched(text)).toHaveLength(3);
  });
});

describe("changes to a SOPS document are found:", () => {
  const value = /(data:)(.)/;
  const flip = (c: string) => (c === "A" ? "B" : "A");
  const cases: Record<string, { change: (text: string) => string; line: number }> = {
    "a value": { change: (t) => t.replace(value, (_, p: string, c: string) => p + flip(c)), line: 3 },
    "a key's name": { change: (t) => t.replace("  one:", "  uno:"), line: 3 },
    "two values swapped": {
      change: (t) => t.replace(/one: (.*)\n {2}two: (.*)/, "one: $2\n  two: $1"),
      line: 3,
    },
    "a key removed": { change: (t) => t.replace(/ {2}two: .*\n/, ""), line: 16 },
    "the order": { change: (t) => t.replace(/( {2}one: .*\n)( {2}two: .*\n)/, "$2$1"), line: 17 },
    "a value in clear": { change: (t) => t.replace(/one: .*/, "one: clear"), line: 3 },
    "a value emptied": { change: (t) => t.replace(/one: .*/, 'one: ""'), line: 17 },
    "the MAC": {
      change: (t) => t.replace(/mac: ENC\[AES256_GCM,data:./, (m) => m.slice(0, -1) + flip(m.slice(-1))),
      line: 17,
    },
    "the MAC emptied": { change: (t) => t.replace(/mac: .*/, 'mac: ""'), line: 17 },
    "the time": { change: (t) => t.replace(/lastmodified: "2/, 'lastmodified: "3'), line: 17 },
    "what the MAC covers": {
      change: (t) => t.replace("mac_only_encrypted: true", "mac_only_encrypted: false"),
      line: 17,
    },
    "what is encrypted": { change: (t) => t.replace("encrypted_regex: ", "encrypted_regex: x #"), line: 17 },
    "a shortened tag": { change: (t) => t.replace(/tag:[^,]{24}/, "tag:AAAAAA=="), line: 3 },
    "an alias": { change: (t) => t.replace(/one: /, "one: &a ").replace(/two: .*/, "two: *a"), line: 4 },
    "a key twice": { change: (t) => t.replace("  two:", "  one:"), line: 4 },
    "YAML broken": { change: (t) => t.replace("  two:", "\ttwo: ["), line: 4 },
  };
  it.each(Object.entries(cases))("%s", async (_name, { change, line }) => {
    const text = await seal({ one: "hunter-one", two: "hunter-two" });
    const changed = change(text);
    expect(changed).not.toBe(text);
    const found = await problemOf(() => open(changed));
    expect(found.code).toBe("LF7003");
    expect(found.where).toMatchObject({ file: "x.yaml", line });
    expect(JSON.stringify(found)).not.toMatch(/hunter|ENC\[/);
  });

  it("while metadata may change", async () => {
    const text = await seal({ a: "x" });
    expect(await open(text.replace("kind: Secret", "kind: Secret\nnote: new"))).toMatchObject({
      note: "new",
    });
  });
});
