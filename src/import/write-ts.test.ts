import { describe, expect, it } from "vitest";
import { inOrder } from "./order.ts";
import { Code, print } from "./print-ts.ts";
import { fits, sharedPatches, without } from "./shared-patches.ts";
import { writeTypeScript } from "./write-ts.ts";

const evaluate = (text: string): unknown => new Function(`return (${text})`)();

describe("printed values", () => {
  it.each([
    [{ a: 1, "b-c": [true, null, -1.5], d: {} }],
    [{ text: `line one\n  $\{not} a \`template\` \\ here\n` }],
    [{ odd: "\u0000\u2028\ud800\r\n'\"", key: { __proto__x: 1, "1a": 2, "": 3 } }],
    [{ long: Array.from({ length: 40 }, (_, i) => `item ${i}`), deep: { er: { still: ["x".repeat(120)] } } }],
  ])("are the same when they are read: %j", (value) => {
    expect(evaluate(print(value))).toEqual(value);
  });

  it("stand on one line where they fit, and may hold code", () => {
    expect(print({ a: [1, 2], b: new Code("handle") })).toBe("{ a: [1, 2], b: handle }");
    expect(print({ a: "x".repeat(60), b: "y".repeat(60) }).split("\n")).toHaveLength(4);
  });
});

describe("what patches share", () => {
  const patch = (set: object) => ({ patch: [{ kind: "Deployment", set: set as never }] });
  const base = { a: null, b: { c: null, d: 1 } };

  it("is said once where it saves more than it costs", () => {
    const shared = sharedPatches([patch({ ...base, x: 1 }), patch({ ...base, x: 2 }), patch({ ...base })]);
    expect(shared.get("Deployment")).toEqual(base);
    expect(without({ ...base, x: 1 }, base)).toEqual({ x: 1 });
    expect(sharedPatches([patch(base)]).size).toBe(0);
    expect(sharedPatches([patch({ a: 1 }), patch({ a: 1 })]).size).toBe(0);
  });

  it("fits only whom it does not change", () => {
    expect(fits({ ...base, x: 1 }, base)).toBe(true);
    expect(fits({ a: null }, base)).toBe(false);
    // What is removed first cannot be reached into afterwards.
    expect(fits({ a: { z: null }, b: base.b }, base)).toBe(false);
  });
});

describe("a declaration in TypeScript", () => {
  const tree = {
    landfall: 2,
    company: "shop",
    clusters: { "prod-eu": { type: "kubernetes", context: "prod-eu" } },
    parts: { flux: {} },
    apps: {
      web: { image: "web:1", calls: ["api"], env: { TOKEN: { secret: "token", key: "value" } } },
      api: { image: "api:1", calls: ["web", "delete"] },
      delete: { image: "d:1", after: ["web"] },
    },
    secrets: { token: {} },
  };

  it("declares apps before they are used, functions where calls go in a circle, and names nothing twice", () => {
    const text = writeTypeScript(tree as never, ["head", ""]);
    expect(text).toContain("// head\n\nimport { app, company, kubernetesCluster, secret }");
    expect(text).toContain('const prodEu = kubernetesCluster("prod-eu", { context: "prod-eu" });');
    expect(text).toContain('const token = secret("token");');
    expect(text).toContain("env: { TOKEN: token }");
    expect(text).toContain(
      'const web = app("web", { image: "web:1", env: { TOKEN: token }, calls: () => [api] });',
    );
    expect(text).toContain('const deleteApp = app("delete", { image: "d:1", after: [web] });');
    expect(text).toContain('const api = app("api", { image: "api:1", calls: [web, deleteApp] });');
  });

  it("puts apps behind those they wait for, whatever calls they make", () => {
    const order = (apps: Record<string, { calls?: string[]; after?: string[] }>) => inOrder(apps);
    expect(order({ a: { calls: ["b"] }, b: { after: ["a"] } })).toEqual(["a", "b"]);
    expect(order({ a: { calls: ["b"] }, b: { calls: ["c"] }, c: {} })).toEqual(["c", "b", "a"]);
    expect(order({ a: { after: ["b"], calls: ["nobody"] }, b: { calls: ["a"] } })).toEqual(["b", "a"]);
  });
});
