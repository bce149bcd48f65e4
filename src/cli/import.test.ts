import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: acme }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: "web:1", ports: [{ name: http, containerPort: 8080 }], env: [{ name: API_TOKEN, value: abc }] }
---
{ apiVersion: v1, kind: Service, metadata: { name: web, namespace: acme }, spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] } }
---
{ apiVersion: v1, kind: Secret, metadata: { name: web, namespace: acme }, stringData: { key: value } }
---
{ apiVersion: apps/v1, kind: DaemonSet, metadata: { name: agent, namespace: acme }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: "a:1" }] } } } }
`;

test("import writes a declaration that check takes, and tells what became of each object", async () => {
  const { base, landfall } = start();
  mkdirSync(join(base, "k8s"));
  writeFileSync(join(base, "k8s", "web.yaml"), web);
  writeFileSync(join(base, "k8s", "values.yaml"), "a: 1\n");
  const done = await landfall(["import", "k8s", "--out", "new"]);
  expect(done).toMatchObject({ code: 0, stderr: "next: landfall check new · landfall build new\n" });
  expect(done.stdout).toBe(`+ new/landfall.config.ts
  2 folded into 1 app, 1 kept as they are, 1 left out
  shared
    raw DaemonSet agent: it belongs to no single app
  web  Deployment web, Service web
  left out
    Secret acme/web (web.yaml:14): its values (key) stay out of the declaration; it is used where it is by name. To keep them encrypted beside the declaration: landfall secret set web
  not read
    values.yaml:1: it is no Kubernetes object: it has no apiVersion and kind
  to know
    web: API_TOKEN looks like a secret and stands in clear; \`landfall secret set\` keeps it encrypted
`);
  expect((await landfall(["check", "new"])).code).toBe(0);
  const again = await landfall(["import", "k8s", "--out", "new", "--form", "yaml", "--json"]);
  expect(documentOf(again)).toMatchObject({ ok: false, problems: [{ code: "LF1024" }] });
  expect(again.code).toBe(2);
});

test("import --json tells the same as data, --harden what is better and why", async () => {
  const { base, landfall } = start();
  writeFileSync(join(base, "web.yaml"), web);
  const done = await landfall(["import", "web.yaml", "--out", "new", "--form", "yaml", "--harden", "--json"]);
  expect(documentOf(done)).toMatchObject({
    ok: true,
    file: "new/landfall.config.yaml",
    company: "acme",
    apps: ["web", "shared"],
    outcomes: expect.arrayContaining([
      { object: "Deployment acme/web", from: "web.yaml:1", as: "folded", app: "web", why: "" },
    ]),
    improved: expect.arrayContaining([
      expect.objectContaining({
        app: "web",
        kind: "NetworkPolicy",
        reason: expect.stringContaining("declared callers"),
      }),
    ]),
  });
  const text = readFileSync(join(base, "new", "landfall.config.yaml"), "utf8");
  expect(text.startsWith("# Imported from web.yaml on ")).toBe(true);
  expect((await landfall(["check", "new"])).code).toBe(0);
  const { stdout } = await landfall(["import", "web.yaml", "--out", "read", "--harden"]);
  expect(stdout).toContain(
    "Deployment: labels by which policies, budgets and metrics find the app (1 app: labels, app.kubernetes.io/name, ",
  );
});

test.each([
  [["import"], "nothing is named to import"],
  [["import", "nowhere"], "nowhere does not exist"],
  [["import", ".", "--live"], "both a source and --live are given"],
  [["import", "--live"], "--live needs a context"],
  [["import", ".", "--namespace", "a", "b"], "objects can go to one namespace only"],
])("landfall %j is wrong usage, and says so", async (args, words) => {
  const { landfall } = start();
  const done = await landfall(args);
  expect(done).toMatchObject({ code: 2, stdout: "" });
  expect(done.stderr).toContain(words);
});
