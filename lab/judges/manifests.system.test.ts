/** Real judges over everything emitted: kubeconform, kube-score and Checkov. What they are wrong about is excused once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { definitions, distinct, type Emitted, everything } from "./everything.ts";
import { checkov, type Finding, inFiles, kubeScore, verdict } from "./findings.ts";
import { location, writeSchemas } from "./schemas.ts";
import { isThere, judge, landfallTool, pythonTool } from "./tools.ts";

const conform = await landfallTool("kubeconform");
const score = await landfallTool("kube-score");
const chekov = await pythonTool("checkov", "3.3.30", "checkov.main");

let emitted: Emitted[];
beforeAll(async () => {
  emitted = await everything();
});

/** A pod that no judge may let pass. */
const bad: KubernetesObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "bad", namespace: "default" },
  spec: { containers: [{ name: "c", image: "nginx:latest", securityContext: { privileged: true } }] },
};

describe.skipIf(!isThere(conform))("kubeconform, by the schemas that landfall ships", () => {
  let schemas: string;
  beforeAll(() => {
    schemas = mkdtempSync(join(tmpdir(), "landfall-schemas-"));
    writeSchemas(schemas);
  });
  afterAll(() => rmSync(schemas, { recursive: true, force: true }));

  /** What it finds by kind of finding. */
  const check = (of: Emitted[]) =>
    inFiles(of, async (folder) => {
      const args = ["-strict", "-summary", "-output=json", `-schema-location=${schemas}/${location}`, folder];
      const { text } = await judge(conform, args);
      return JSON.parse(text) as { summary: Record<string, number>; resources: object[] | null };
    });

  it("finds everything valid, and skips nothing", async () => {
    const { summary, resources } = await check([...emitted, { name: "definitions", objects: definitions() }]);
    expect(resources ?? []).toEqual([]);
    expect(summary).toMatchObject({ invalid: 0, errors: 0, skipped: 0 });
    expect(summary.valid).toBeGreaterThan(400);
  });

  it.each([
    ["of Kubernetes", { ...bad, spec: { ...(bad.spec as object), hostNetwrk: true } }],
    [
      "of a custom resource",
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name: "bad" },
        spec: { hostname: "a.example.com" },
      },
    ],
  ])("refuses a field that is none, %s", async (_name, object) => {
    const { summary } = await check([{ name: "bad", objects: [object] }]);
    expect(summary).toMatchObject({ valid: 0, invalid: 1 });
  });
});

describe.skipIf(!isThere(score))("kube-score", () => {
  it("finds nothing critical that is not excused, and every excuse is needed", async () => {
    expect(verdict("kube-score", await kubeScore(score, emitted))).toEqual({ unexcused: [], unused: [] });
  });

  it("finds a bad pod", async () => {
    const { unexcused } = verdict("kube-score", await kubeScore(score, [{ name: "bad", objects: [bad] }]));
    expect(unexcused.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        "container-security-context-privileged",
        "container-image-tag",
        "pod-networkpolicy",
      ]),
    );
  });
});

describe.skipIf(!isThere(chekov))("Checkov", { timeout: 180_000 }, () => {
  it("finds a bad pod, and nothing else that is not excused; every excuse is needed", async () => {
    // In one run, for it takes seconds to start.
    const found = await checkov(chekov, distinct([...emitted, { name: "bad", objects: [bad] }]));
    const isBad = ({ object }: Finding) => object === "Pod default/bad";
    expect(
      verdict(
        "checkov",
        found.filter((finding) => !isBad(finding)),
      ),
    ).toEqual({ unexcused: [], unused: [] });
    // Privileged, by a tag that moves, may gain privileges.
    expect(found.filter(isBad).map(({ check }) => check)).toEqual(
      expect.arrayContaining(["CKV_K8S_16", "CKV_K8S_14", "CKV_K8S_20"]),
    );
  });
});
