import { describe, expect, test } from "vitest";
import type { Problem } from "../util/errors.ts";
import { LandfallError } from "../util/errors.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { compile } from "./index.ts";
import type { Plan } from "./plan.ts";
import { problemsIn, yaml } from "./testing/declare.ts";
import { smallRegistry } from "./testing/registry.ts";

/** An app that runs as root, or keeps every rule, with a waiver until a day. */
const app = (until: string, { rule = "non-root", asRoot = true, more = "" } = {}) =>
  yaml(`  old:
    image: old:1.0
    waive: [{ rule: ${rule}, reason: the vendor's program starts as root, until: ${until} }]
${asRoot ? "    adjust: { patch: [{ kind: Deployment, set: { spec: { template: { spec: { securityContext: { runAsNonRoot: false, runAsUser: 0 } } } } } }] }\n" : ""}${more}`);

async function on(today: string, text: string): Promise<{ plan?: Plan; problems: Problem[] }> {
  return inFolder({ "landfall.config.yaml": text }, async (folder) => {
    try {
      const plan = await compile(folder, { registry: smallRegistry, today });
      return { plan, problems: plan.warnings };
    } catch (error) {
      if (error instanceof LandfallError) return { problems: error.problems };
      throw error;
    }
  });
}

const told = ({ problems }: { problems: Problem[] }) =>
  problems.map(({ severity, code, what }) => `${severity} ${code} ${what}`);

describe("a waiver", () => {
  test("lets through the rule it names, for as long as it says", async () => {
    expect(told(await on("2026-01-01", app("2027-01-31")))).toEqual([]);
    expect(told(await on("2027-01-16", app("2027-01-31")))).toEqual([]);
  });

  test.each([
    ["2027-01-17", "in 14 days, on 2027-01-31"],
    ["2027-01-30", "in 1 day, on 2027-01-31"],
    ["2027-01-31", "today"],
  ])("is told of on %s, shortly before its end", async (today, when) => {
    const { plan, problems } = await on(today, app("2027-01-31"));
    expect(plan).toBeDefined();
    expect(told({ problems })).toEqual([`warning LF2011 old's waiver of non-root ends ${when}`]);
  });

  test("ends: the day after, the declaration does not compile, and the day is named", async () => {
    const { plan, problems } = await on("2027-02-01", app("2027-01-31"));
    expect(plan).toBeUndefined();
    expect(told({ problems })).toEqual(["error LF2010 old's waiver of non-root ended on 2027-01-31"]);
    expect(problems[0]?.fix).toContain("set runAsNonRoot");
    expect(problems[0]?.where?.path).toBe("apps.old.waive.0");
  });

  test("that nothing needs is told of, also after its end", async () => {
    const unused = ["warning LF2011 old waives non-root, which it keeps on every cluster"];
    expect(told(await on("2026-01-01", app("2027-01-31", { asRoot: false })))).toEqual(unused);
    expect(told(await on("2028-01-01", app("2027-01-31", { asRoot: false })))).toEqual(unused);
  });

  test("of another rule lets nothing through", async () => {
    const { problems } = await on("2026-01-01", app("2027-01-31", { rule: "read-only-root" }));
    expect(told({ problems })).toEqual([
      "error LF2005 Deployment shop/old: container old may run as root",
      "warning LF2011 old waives read-only-root, which it keeps on every cluster",
    ]);
  });

  test.each([
    ["2027-01-31", "LF2009", { rule: "non-rot" }, /did you mean non-root\?/],
    ["2027-01-31", "LF2009", { rule: "nothing-like-it" }, /remove the waiver/],
    ["31.1.2027", "LF1003", {}, /./],
    ["2027-02-30", "LF1003", {}, /./],
  ])("%s %s is wrong in form or name", async (until, code, more, fix) => {
    const problems = await problemsIn({ "landfall.config.yaml": app(until, more) });
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(problems[0]?.fix).toMatch(fix);
  });

  test("needs a reason of ten characters", async () => {
    const text = app("2027-01-31").replace("the vendor's program starts as root", "because");
    expect((await problemsIn({ "landfall.config.yaml": text })).map((p) => p.code)).toEqual(["LF1003"]);
  });
});

test("a namespace is as strict as what is waived in it lets it be", async () => {
  const one = (name: string, namespace: string, rules: string[]) =>
    `  ${name}: { image: x:1, namespace: ${namespace}, waive: [${rules.map((rule) => `{ rule: ${rule}, reason: there is a reason, until: 2027-01-31 }`).join()}] }\n`;
  const text = yaml(
    one("a", "plain", []) +
      one("b", "writes", ["read-only-root"]) +
      one("c", "roots", ["non-root", "probes"]) +
      one("d", "nodes", ["host-path", "non-root"]) +
      one("e", "mixed", []) +
      one("f", "mixed", ["seccomp"]),
  );
  const { plan } = await on("2026-01-01", text);
  const levels = (plan?.clusters[0]?.namespaces ?? []).map(({ metadata: { name, labels } }) => [
    name,
    labels?.["pod-security.kubernetes.io/enforce"],
  ]);
  expect(Object.fromEntries(levels)).toMatchObject({
    plain: "restricted",
    writes: "restricted",
    roots: "baseline",
    nodes: "privileged",
    mixed: "baseline",
  });
});

test("an app that loosens a namespace for others is told to have one of its own", async () => {
  const others = (count: number) =>
    Array.from({ length: count }, (_, i) => `  app-${i}: { image: x:1 }\n`).join("");
  const shared = told(await on("2026-01-01", app("2027-01-31", { more: others(5) })));
  expect(shared).toEqual([
    "warning LF2013 old's waivers make the namespace shop baseline, also for app-0, app-1, app-2 and 2 more",
  ]);
  const apart = app("2027-01-31", { more: others(5) }).replace(
    "image: old:1.0",
    "image: old:1.0\n    namespace: old",
  );
  expect(told(await on("2026-01-01", apart))).toEqual([]);
});

test("the same day gives the same plan, another day the same objects", async () => {
  const objects = async (today: string) =>
    JSON.stringify(
      (await on(today, app("2027-01-31"))).plan?.clusters.map(({ bundles }) => bundles.map((b) => b.objects)),
    );
  expect(await objects("2027-01-30")).toBe(await objects("2026-01-01"));
});
