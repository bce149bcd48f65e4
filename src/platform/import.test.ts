import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../compile/index.ts";
import { prepare } from "../import/prepare.ts";
import { readObjects } from "../import/read-objects.ts";
import { expectSame } from "../import/testing/faithful.ts";
import { registry } from "../parts/index.ts";
import type { LandfallError } from "../util/errors.ts";
import { type ImportRequest, importFrom } from "./import.ts";

const boutique = join(import.meta.dirname, "../../test/import/online-boutique");
const today = "2026-11-21";
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "landfall-import-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const folder = (name: string, files: Record<string, string> = {}) => {
  const path = join(dir, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
};
const run = (source: string, out: string, more: Partial<ImportRequest> = {}) =>
  importFrom({ source, out: join(dir, out), form: "ts", harden: false, values: [], today, ...more });
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: LandfallError) => error.problems[0],
  );
/** The objects that the apps of a declaration are built to. */
const built = async (path: string) => {
  const plan = await compile(path, { registry, today });
  return (
    plan.clusters[0]?.bundles.filter(({ kind }) => kind === "app").flatMap(({ objects }) => objects) ?? []
  );
};
const manifests = (path: string, namespace: string) => {
  const files = readdirSync(path).map((file) => readObjects(readFileSync(join(path, file), "utf8"), file));
  return prepare(
    files.flatMap(({ sources }) => sources),
    namespace,
  ).sources.map(({ object }) => object);
};

describe("Online Boutique", () => {
  it.each(["ts", "yaml"] as const)("is imported and built again to equal objects (%s)", async (form) => {
    const { outcomes, tree } = await run(boutique, `boutique-${form}`, { form });
    const originals = manifests(boutique, "online-boutique");
    expect(originals).toHaveLength(35);
    expect(outcomes).toHaveLength(35);
    expect(outcomes.filter(({ as }) => as === "folded")).toHaveLength(34);
    expect(Object.keys(tree.apps)).toHaveLength(12);
    expect(tree.apps.checkoutservice?.calls).toEqual([
      "cartservice",
      "currencyservice",
      "emailservice",
      "paymentservice",
      "productcatalogservice",
      "shippingservice",
    ]);
    expectSame(await built(join(dir, `boutique-${form}`)), originals);
  });

  it("reads as its writer would have written it", async () => {
    await run(boutique, "boutique-text");
    const text = readFileSync(join(dir, "boutique-text", "landfall.config.ts"), "utf8");
    await expect(text).toMatchFileSnapshot("../../test/import/golden/online-boutique.txt");
  });

  it("hardened, it keeps names and selectors, is judged without waivers of its pods, and says what is better", async () => {
    const { improved, tree } = await run(boutique, "boutique-hard", { harden: true });
    const waived = Object.values(tree.apps).flatMap(({ waive = [] }) => waive.map(({ rule }) => rule));
    // A second Service of type LoadBalancer, busybox:latest without requests, a scratch volume without a limit.
    expect([...new Set(waived)].sort()).toEqual([
      "image-tag",
      "requests",
      "service-exposure",
      "volume-limit",
    ]);
    const objects = await built(join(dir, "boutique-hard"));
    for (const original of manifests(boutique, "online-boutique").filter(
      ({ kind }) => kind === "Deployment",
    )) {
      const made = objects.find((o) => o.kind === "Deployment" && o.metadata.name === original.metadata.name);
      expect(made).toMatchObject({ spec: { selector: (original.spec as { selector: object }).selector } });
    }
    expect(objects.filter(({ kind }) => kind === "NetworkPolicy")).toHaveLength(12);
    expect(improved.filter(({ kind, app }) => kind === "NetworkPolicy" && app === "cartservice")).toEqual([
      {
        app: "cartservice",
        kind: "NetworkPolicy",
        field: "",
        reason: expect.stringContaining("declared callers"),
      },
    ]);
    expect(improved.every(({ reason }) => reason.length > 10)).toBe(true);
  });
});

describe("what is written", () => {
  const app =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1', env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: password}}}]}]}}\n";

  it("never holds a secret's value, and the report says how to keep it", async () => {
    const secret =
      "---\n{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2}}\n---\n{apiVersion: v1, kind: Secret, metadata: {name: tls}, data: {tls.key: aHVudGVyMg==}}\n";
    const { outcomes, file } = await run(folder("secrets", { "all.yaml": app + secret }), "secrets-out");
    expect(readFileSync(file, "utf8")).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(readFileSync(file, "utf8")).toContain('secretKeyRef: { name: "db", key: "password" }');
    const left = outcomes.filter(({ as }) => as === "left");
    expect(left.map(({ object }) => object)).toEqual(["Secret secrets/db", "Secret secrets/tls"]);
    expect(left[0]?.why).toContain("landfall secret set db");
  });

  it("never overwrites a declaration, of either form", async () => {
    const out = folder("taken", { "landfall.config.yaml": "landfall: 2\n" });
    const problem = await problemOf(run(folder("one", { "a.yaml": app }), "taken"));
    expect(problem).toMatchObject({ code: "LF1024", fix: expect.stringContaining("--out") });
    expect(readdirSync(out)).toEqual(["landfall.config.yaml"]);
  });

  it("is checked and built, also with definitions, unknown kinds, autoscalers, claims and hosts", async () => {
    const more = `---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
{apiVersion: acme.io/v9, kind: Widget, metadata: {name: web-widget, namespace: shop}, spec: {x: [1]}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1", volumeMounts: [{name: data, mountPath: /data}]}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
`;
    const source = folder("wild", {
      "deep/er/all.yml": app + more,
      "values.yaml": "a: 1\n",
      "chart/Chart.yaml": "name: x\n",
    });
    const { skipped, tree } = await run(source, "wild-out");
    expect(skipped.map(({ from }) => from)).toEqual(["chart", "values.yaml:1"]);
    expect(tree.apps.web?.expose).toEqual([{ host: "shop.example.com", port: "tcp-8080" }]);
    const objects = await built(join(dir, "wild-out"));
    expectSame(objects, manifests(join(source, "deep/er"), "shop"));

    const hard = await run(source, "wild-hard", { harden: true });
    const routes = (await built(join(dir, "wild-hard"))).filter(({ kind }) => /Route|Ingress/.test(kind));
    expect(routes).toMatchObject([{ kind: "HTTPRoute", spec: { hostnames: ["shop.example.com"] } }]);
    expect(hard.improved).toContainEqual(expect.objectContaining({ app: "web", kind: "Ingress" }));
    expect(hard.outcomes).toHaveLength(7);
  });
});

describe("a Compose file", () => {
  const compose =
    "services:\n  web: {build: ./web, ports: ['8080:3000'], environment: {CACHE: 'cache:6379', MODE: '$MODE'}}\n  cache: {image: 'redis:7.4', volumes: ['data:/data']}\n";

  it("is imported beside itself, with folders that landfall builds, and built", async () => {
    const source = folder("compose", {
      "docker-compose.yml": compose,
      "web/package.json": "{}",
      ".env": "MODE=fast\n",
    });
    const { tree, notes } = await run(source, "compose");
    expect(tree.apps.web).toMatchObject({
      source: "web",
      env: { CACHE: "cache:6379", MODE: "fast" },
      calls: ["cache"],
    });
    expect(notes.join("\n")).toContain("cache: volumes: data had no size");
    const objects = await built(source);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
      expect.arrayContaining(["Deployment web", "Service web", "StatefulSet cache", "Service cache"]),
    );
  });

  it("that refers to files outside of its folder is refused", async () => {
    folder("elsewhere", { "prod.env": "A=1\n" });
    const source = folder("compose-out", {
      "compose.yaml": "services: {web: {image: 'a:1', env_file: ../elsewhere/prod.env}}\n",
    });
    const problem = await problemOf(run(source, "compose-x"));
    expect(problem).toMatchObject({ code: "LF1023", what: expect.stringContaining("../elsewhere/prod.env") });
  });
});

describe("hostile input", () => {
  const bomb = () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    return `${lines.join("\n")}\npad: "${"x".repeat(1024 * 1024 * 7)}"\n`;
  };
  const cases: [string, () => string, RegExp][] = [
    ["an alias bomb", bomb, /alias/i],
    [
      "more aliases than any manifest has",
      () => Array.from({ length: 3000 }, (_, i) => `a${i}: &b${i} 1\nc${i}: *b${i}`).join("\n"),
      /aliases/,
    ],
    ["deep brackets", () => "[".repeat(5_000_000), /nested/],
    ["deep maps in brackets", () => "{a: ".repeat(100_000), /nested/],
    ["deep list marks", () => "- ".repeat(1_000_000), /nested/],
    [
      "deep indentation",
      () => Array.from({ length: 1000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
      /nested/,
    ],
    [
      "__proto__ keys",
      () => "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {__proto__: {polluted: yes}}\n",
      /__proto__/,
    ],
    ["a file of 10 MB", () => `a: "${"x".repeat(10 * 1024 * 1024)}"`, /MiB/],
    [
      "a key that is there twice",
      () => "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nkind: Secret\n",
      /kind is there twice/,
    ],
    ["no YAML", () => "a: [1\nb: }", /./],
    [
      "an object without a name",
      () => "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-}\n",
      /generated name/,
    ],
  ];
  it.each(cases)("%s ends with one clear error, soon", async (name, text, words) => {
    const source = folder(`hostile ${name}`, { "a.yaml": text() });
    const start = performance.now();
    const problem = await problemOf(run(source, "hostile-out"));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(problem?.code).toBe("LF1023");
    expect(`${problem?.what} ${problem?.why}`).toMatch(words);
    expect(existsSync(join(dir, "hostile-out"))).toBe(false);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("a large map is read soon", async () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `  k${i}: v`).join("\n");
    const source = folder("large", {
      "a.yaml": `apiVersion: acme.io/v1\nkind: Big\nmetadata: {name: a}\nspec:\n${keys}\n`,
    });
    const start = performance.now();
    const { outcomes } = await run(source, "large-out", { form: "yaml" });
    expect(outcomes).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("a link that leads out of the folder is refused by name", async () => {
    const outside = folder("outside", { "secret.yaml": "apiVersion: v1\n" });
    const source = folder("links", { "a.yaml": "" });
    symlinkSync(join(outside, "secret.yaml"), join(source, "b.yaml"));
    const problem = await problemOf(run(source, "links-out"));
    expect(problem).toMatchObject({ code: "LF1023", what: expect.stringContaining("b.yaml is a link to") });
  });

  it("a folder that is not there, and one without objects", async () => {
    expect((await problemOf(run(join(dir, "nowhere"), "x")))?.what).toContain("does not exist");
    expect((await problemOf(run(folder("nothing", { "a.yaml": "a: 1" }), "x")))?.why).toContain(
      "no apiVersion",
    );
  });
});
