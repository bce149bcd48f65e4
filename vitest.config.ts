import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const everywhere = ["**/node_modules/**", "**/dist/**"];
/** Pods, network namespaces, Debian's package manager, clusters that `landfall up` brings up: one at a time. */
const alone = [
  ...["src/embedded/*.system.test.ts", "src/embedded/images/{*.system,build}.test.ts"],
  ...["src/platform/{simulated,hand-over-release}.system.test.ts", "lab/clusters/*.system.test.ts"],
];
const servers = "**/*.system.test.ts";

/**
 * Real programs on a machine with other work may be late for once. The gate's last lines name each test that needed its
 * second try.
 */
const again = 1;

// Tests start hundreds of Node processes, which find here what is compiled already: four times quicker. Node keys it by
// content.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL("node_modules/.cache/landfall-tests", import.meta.url),
);

/**
 * `unit` is quick and runs side by side; `servers` starts API servers, controllers and judges in folders and on ports of
 * their own, two files at a time; `system` starts whole clusters and containers, one file at a time.
 */
export default defineConfig({
  test: {
    // Most of a test's time is spent waiting for programs that it starts.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...everywhere, ...alone, servers, "test/e2e/**", "test/release/**"],
          // What hangs is found by it; how quick anything is, benchmarks tell.
          testTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: "servers",
          include: [servers],
          exclude: [...everywhere, ...alone],
          maxWorkers: 2,
          retry: again,
          testTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "system",
          include: alone,
          exclude: everywhere,
          fileParallelism: false,
          retry: again,
          testTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          fileParallelism: false,
          retry: again,
          testTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: "release",
          include: ["test/release/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: "shop",
          include: ["examples/shop/services/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
