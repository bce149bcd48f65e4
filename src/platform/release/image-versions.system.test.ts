import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registryProcess } from "../../embedded/images/registry.ts";
import { freePort } from "../../embedded/machine/ports.ts";
import { findProgram } from "../../embedded/packages.ts";
import { LandfallError } from "../../util/errors.ts";
import { startRelease } from "./start.ts";
import { readFleet } from "./store.ts";
import { company, inEstate, who } from "./testing/fleet.ts";

const missing = findProgram("docker-registry") === undefined;
if (missing)
  process.stderr.write("image-versions.system.test.ts is skipped: docker-registry is not installed\n");

describe.skipIf(missing)("a version of an image, asked of a real registry", () => {
  let folder: string;
  let registry: ChildProcess;
  let host: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "landfall-registry-"));
    const { command, args, health, url } = registryProcess({
      ...{ storage: folder, address: "127.0.0.1", port: await freePort() },
    });
    host = new URL(url).host;
    registry = spawn(command, args, { stdio: "ignore" });
    for (
      let i = 0;
      i < 100 &&
      !(await fetch(health).then(
        ({ ok }) => ok,
        () => false,
      ));
      i++
    )
      await sleep(100);
    await putImage(url, "acme/web", "1.0.0");
    await putImage(url, "acme/web", "1.1.0");
  }, 30_000);

  afterAll(() => {
    registry?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const yaml = () => company.replace("ghcr.io/acme/web", `${host}/acme/web`);

  test("is released when it is there", async () => {
    await inEstate(async ({ dir }) => {
      const { release, warnings } = await startRelease(dir, { apps: ["web"], version: "1.1.0", who });
      expect(release.title).toBe("web 1.1.0");
      expect(release.id).toMatch(/^web-1-1-0-\d{8}$/);
      expect(warnings).toEqual([]);
    }, yaml());
  });

  test("is refused when it is not, with nothing written", async () => {
    await inEstate(async ({ dir, fleet }) => {
      const { head } = await readFleet(fleet);
      const error = await startRelease(dir, { apps: ["web"], version: "1.2.0", who }).catch(
        (e: unknown) => e,
      );
      if (!(error instanceof LandfallError)) throw error;
      expect(error.problems).toMatchObject([
        {
          code: "LF4032",
          what: `the registry has no ${host}/acme/web:1.2.0`,
          fix: expect.stringContaining("push it"),
        },
      ]);
      expect((await readFleet(fleet)).head).toBe(head);
    }, yaml());
  });
});

describe("where the registry does not answer", () => {
  const nobody = async () => company.replace("ghcr.io/acme/web", `127.0.0.1:${await freePort()}/acme/web`);
  const typed = { apps: ["web"], version: "1.O.1", who };

  test("a version that was typed is refused, with nothing written, and taken when that is asked for", async () => {
    await inEstate(
      async ({ dir, fleet }) => {
        const { head } = await readFleet(fleet);
        const error = await startRelease(dir, typed).catch((e: unknown) => e);
        if (!(error instanceof LandfallError)) throw error;
        expect(error.problems).toMatchObject([
          {
            code: "LF4032",
            severity: "error",
            what: expect.stringMatching(/^whether .*\/acme\/web:1\.O\.1 exists could not be asked$/),
            why: expect.stringMatching(/^its registry cannot be reached from here: /),
            fix: expect.stringContaining("--unchecked"),
          },
        ]);
        expect((await readFleet(fleet)).head).toBe(head);
        expect(existsSync(join(dir, "values"))).toBe(false);

        const { warnings } = await startRelease(dir, { ...typed, unchecked: true });
        expect(warnings).toMatchObject([{ code: "LF4032", severity: "warning" }]);
      },
      await nobody(),
    );
  });

  test("what is declared goes out with a warning", async () => {
    await inEstate(
      async ({ dir }) => {
        const config = join(dir, "landfall.config.yaml");
        writeFileSync(config, readFileSync(config, "utf8").replace("/web:1.0.0", "/web:1.0.1"));
        const { warnings } = await startRelease(dir, { apps: ["web"], who });
        expect(warnings).toMatchObject([{ code: "LF4032", severity: "warning" }]);
      },
      await nobody(),
    );
  });
});

/** An image of nothing, as the registry API takes it. */
async function putImage(url: string, repository: string, tag: string): Promise<void> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [] },
  });
  const digest = `sha256:${createHash("sha256").update(config).digest("hex")}`;
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const target = new URL(begun.headers.get("location") ?? "", url);
  target.searchParams.set("digest", digest);
  const blob = { "content-type": "application/octet-stream" };
  await fetch(target, { method: "PUT", body: config, headers: blob });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const part = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: config.length };
  const put = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    body: JSON.stringify({ schemaVersion: 2, mediaType, config: part, layers: [] }),
    headers: { "content-type": mediaType },
  });
  if (!put.ok) throw new Error(`the registry answered ${put.status}: ${await put.text()}`);
}
