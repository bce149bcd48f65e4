/** A failed release's alert, in a real Alertmanager: one alert however often and by whomever it is sent, until it is acknowledged. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClusterClient } from "../../src/cluster/client.ts";
import { freePorts } from "../../src/cluster/testing/api-server.ts";
import { alertOf, releaseAlerts, sendAlert } from "../../src/platform/release/alerts.ts";
import { type Clusters, reachClusters } from "../../src/platform/release/observe.ts";
import type { Release } from "../../src/release/index.ts";
import type { Problem } from "../../src/util/errors.ts";
import { debianTool, isThere } from "./tools.ts";

const amtool = await debianTool("prometheus-alertmanager", "amtool");
const at = (second: number) => new Date(Date.now() - 60_000 + second * 1000).toISOString();

const failed = {
  id: "web-2-1-0",
  title: "web 2.1.0",
  phase: "rolledBack",
  startedAt: at(0),
  reason: "c: canary shop/web: error-rate 12.00 > 1",
  origins: [{ app: "web", file: "landfall.config.ts", line: 12 }],
  waves: [{ clusters: ["c", "gone"] }],
  moves: [{ clusters: ["c", "gone"] }],
  evidence: [
    {
      what: "canary shop/web",
      cluster: "c",
      lines: ["Flagger: Halt web.shop advancement error-rate 12.00 > 1"],
    },
  ],
  log: [{ step: 3, at: at(10), action: "halt" }],
} as unknown as Release;

interface Listed {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
}

describe.skipIf(!isThere(amtool) || process.getuid?.() !== 0)(
  "alerts of releases",
  { timeout: 60_000 },
  () => {
    let url = "";
    let stop = async () => {};
    beforeAll(async () => {
      const dir = mkdtempSync(join(tmpdir(), "landfall-alertmanager-"));
      const [port] = await freePorts(1);
      url = `http://127.0.0.1:${port}`;
      writeFileSync(join(dir, "config.yml"), "route: { receiver: none }\nreceivers: [{ name: none }]\n");
      const folder = dirname("command" in amtool ? amtool.command : "");
      // Debian's reads its templates from /usr/share alone: it sees them there, and nobody else does.
      const over =
        'mount -t overlay overlay -o "lowerdir=$1/../share:/usr/share" /usr/share && shift && exec "$@"';
      const program = ["--mount", "sh", "-c", over, "sh", folder, join(folder, "prometheus-alertmanager")];
      const args = [
        `--config.file=${join(dir, "config.yml")}`,
        `--storage.path=${join(dir, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ];
      const child = spawn("unshare", [...program, ...args], { stdio: "ignore" });
      const endNow = () => child.kill("SIGKILL");
      process.once("exit", endNow);
      stop = async () => {
        process.off("exit", endNow);
        const gone = new Promise((done) => child.once("exit", done));
        if (child.exitCode === null) {
          child.kill("SIGKILL");
          await gone;
        }
        rmSync(dir, { recursive: true, force: true });
      };
      const ready = () => fetch(`${url}/-/ready`).catch(() => undefined);
      for (const from = Date.now(); !(await ready())?.ok && Date.now() - from < 30_000; ) await sleep(50);
    });
    afterAll(() => stop());

    const reach = (alertsUrl: string | undefined): Clusters =>
      reachClusters([
        {
          ...{ name: "c", namespace: "flux-system", metricsUrl: undefined, alertsUrl },
          connect: () => ({ close: () => undefined }) as ClusterClient,
        },
      ]);
    const listed = async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as Listed[];
    const none = () => expect.fail("nothing should be in the way");

    test("it is one alert, sent by several engines and again, and ends when it is acknowledged", async () => {
      const troubles: Problem[] = [];
      const [one, two] = [releaseAlerts(reach(url), none), releaseAlerts(reach(url), none)];
      await one.tell([failed], Date.now());
      await two.tell([failed], Date.now());
      const [first, ...others] = await listed();
      expect(others).toEqual([]);
      expect(first).toMatchObject({
        labels: { alertname: "ReleaseFailed", severity: "page", release: "web-2-1-0", app: "web" },
        annotations: {
          summary: "the release web 2.1.0 failed: c: canary shop/web: error-rate 12.00 > 1",
          description: expect.stringMatching(
            /^on c\nFlagger: Halt .*\nsee landfall release history web-2-1-0/,
          ),
          declared: "landfall.config.ts:12",
        },
        startsAt: failed.log[0]?.at,
      });
      // Not again within a minute, then again, so that it does not end by itself.
      await one.tell([failed], Date.now() + 30_000);
      expect((await listed())[0]?.endsAt).toBe(first?.endsAt);
      await one.tell([failed], Date.now() + 61_000);
      expect(Date.parse((await listed())[0]?.endsAt ?? "")).toBeGreaterThan(Date.parse(first?.endsAt ?? ""));

      const seen = { ...failed, acknowledged: { by: "ada@example.com", at: at(20) } };
      await one.tell([seen], Date.now());
      await expect.poll(listed, { timeout: 60_000 }).toEqual([]);
      expect(troubles).toEqual([]);
    });

    test("whoever acknowledges ends it, also without an engine", async () => {
      await releaseAlerts(reach(url), none).tell([failed], Date.now());
      expect(await listed()).toHaveLength(1);
      await sendAlert(reach(url), alertOf(failed, Date.now(), false), ["c"], none);
      await expect.poll(listed, { timeout: 60_000 }).toEqual([]);
    });

    test("a sink that is away is told, and tried again; clusters without one are not in the way", async () => {
      const troubles: Problem[] = [];
      const away = releaseAlerts(reach(`http://127.0.0.1:${(await freePorts(1))[0]}`), (problem) =>
        troubles.push(problem),
      );
      await away.tell([failed], Date.now());
      await away.tell([failed], Date.now());
      expect(troubles.map(({ code, what }) => `${code} ${what}`)).toHaveLength(2);
      await releaseAlerts(reach(undefined), none).tell(
        [{ ...failed, moves: [{ clusters: ["c"] }] } as never],
        Date.now(),
      );
    });
  },
);
