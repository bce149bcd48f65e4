import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { followFaults, noFaults, parseFaults } from "../src/faults.ts";

test("a damaged file is named by its field", () => {
  for (const [text, named] of [
    ["[]", /object/],
    ['{"latency": 1}', /latency: no such fault/],
    ['{"toString": 1}', /toString: no such fault/],
    ['{"errorRate": 1.1}', /errorRate/],
    ['{"latencyMs": "5"}', /latencyMs/],
    ['{"cpuBurnPercent": -1}', /cpuBurnPercent/],
    ['{"latencyMs": ', /JSON/],
  ] as const) {
    assert.throws(() => parseFaults(text), named);
  }
  assert.deepEqual(parseFaults('{"latencyMs": 5}'), { ...noFaults, latencyMs: 5 });
});

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    assert.ok(Date.now() < end, "waited 5 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shop-faults-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Lays the file down as the kubelet does: a link to a folder is swapped for another. */
async function project(folder: string, version: string, content: string): Promise<void> {
  await mkdir(join(folder, version));
  await writeFile(join(folder, version, "faults.json"), content);
  await symlink(version, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
}

test("a swapped ConfigMap acts, a damaged one keeps the last good", async (t) => {
  const folder = await makeFolder(t);
  const damage: string[] = [];
  await symlink("..data/faults.json", join(folder, "faults.json"));
  const faults = await followFaults(folder, { changed: () => {}, damaged: (reason) => damage.push(reason) });
  t.after(faults.stop);
  assert.deepEqual(faults.current(), noFaults);
  await project(folder, "..1", '{"latencyMs": 250, "errorRate": 1}');
  await until(() => faults.current().latencyMs === 250);
  const started = performance.now();
  assert.equal(await faults.strike(), true);
  assert.ok(performance.now() - started >= 245);
  await project(folder, "..2", "not JSON");
  await until(() => damage.length === 1);
  assert.equal(faults.current().latencyMs, 250);
  await project(folder, "..3", "{}");
  await until(() => faults.current().latencyMs === 0);
  assert.equal(await faults.strike(), false);
});

test("memory grows while it is switched on, and the processor burns", async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, "faults.json"), '{"memoryMbPerMinute": 3000, "cpuBurnPercent": 100}');
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const faults = await followFaults(folder, { changed: () => {}, damaged: () => {} });
  t.after(faults.stop);
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  assert.ok(process.memoryUsage.rss() - before > 60 * 1024 * 1024);
  // Of 2 s; a machine with other work leaves us only a part, yet an idle process uses far less.
  assert.ok(process.cpuUsage(cpu).user > 400_000);
});
