/** Needs Go and the upstream modules: regenerates the pack, and tries upstream's own good and bad examples. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "./object.ts";
import { validateObject } from "./validate.ts";

const pack = join(import.meta.dirname, "pack");
const script = join(import.meta.dirname, "../../scripts/schema-pack.ts");

interface Source {
  module: string;
  version: string;
}

function moduleFolder({ module, version }: Source): string | undefined {
  const answer = spawnSync("go", ["mod", "download", "-json", `${module}@${version}`], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  return answer.status === 0 ? (JSON.parse(answer.stdout) as { Dir: string }).Dir : undefined;
}

const sources = JSON.parse(readFileSync(join(pack, "sources.json"), "utf8")) as Record<string, Source[]>;
const missing = Object.values(sources)
  .flat()
  .filter((source) => moduleFolder(source) === undefined)
  .map(({ module }) => module);
if (missing.length > 0) {
  process.stderr.write(`skipped: Go or these modules cannot be had: ${missing.join(", ")}\n`);
}

function filesOf(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(suffix))
    .sort();
}

describe.skipIf(missing.length > 0)("the schema pack", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "landfall-pack-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is what the upstream modules give", { timeout: 300_000 }, () => {
    execFileSync(process.execPath, [script, folder]);
    expect(filesOf(folder, ".json")).toEqual(filesOf(pack, ".json"));
    for (const name of filesOf(pack, ".json")) {
      expect(readFileSync(join(folder, name), "utf8") === readFileSync(join(pack, name), "utf8"), name).toBe(
        true,
      );
    }
  });

  const gatewayApi = moduleFolder((sources["crds/gateway-api"] as [Source])[0]) ?? "";
  const issuesIn = (file: string) =>
    parseAllDocuments(readFileSync(file, "utf8"))
      .map((document) => document.toJS() as KubernetesObject | null)
      .filter((object) => object !== null)
      .flatMap((object) => validateObject(object, { kubernetes: "1.36" }))
      .filter((issue) => issue.keyword !== "unknown-kind")
      .map((issue) => `${issue.path}: ${issue.message}`);

  test("passes upstream's good examples of Gateway API", () => {
    const examples = join(gatewayApi, "examples/standard");
    const files = filesOf(examples, ".yaml");
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expect(issuesIn(join(examples, file)), file).toEqual([]);
  });

  test("refuses upstream's bad examples, apart from those that only CEL rules refuse", () => {
    const examples = join(gatewayApi, "hack/invalid-examples/standard");
    const passed = filesOf(examples, ".yaml").filter((file) => issuesIn(join(examples, file)).length === 0);
    expect(passed).toEqual([
      "gateway/hostname-tcp.yaml",
      "gateway/hostname-udp.yaml",
      "gateway/invalid-tls-mode.yaml",
      "gateway/tlsconfig-tcp.yaml",
      "httproute/httproute-portless-backend.yaml",
      "httproute/httproute-portless-service.yaml",
      "httproute/invalid-filter-duplicate.yaml",
      "httproute/invalid-filter-empty.yaml",
      "httproute/invalid-filter-wrong-field.yaml",
      "httproute/invalid-path-alphanum-specialchars-mix.yaml",
      "httproute/invalid-path-specialchars.yaml",
      "httproute/invalid-request-redirect-with-backendref.yaml",
    ]);
  });
});
