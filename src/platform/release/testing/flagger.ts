import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterClient } from "../../../cluster/client.ts";
import { refusedWith } from "../../../cluster/errors.ts";
import { freePorts } from "../../../cluster/testing/api-server.ts";
import type { Program } from "../../../cluster/testing/programs.ts";
import { crdBundle } from "../../../schema/pack.ts";

/** The custom resources of Flagger and Gateway API, served when this resolves. */
export async function installFlagger(client: ClusterClient): Promise<void> {
  for (const crd of [...crdBundle("gateway-api"), ...crdBundle("flagger")]) await client.apply(crd);
  const kinds = [
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
    { apiVersion: "flagger.app/v1beta1", kind: "Canary" },
    { apiVersion: "flagger.app/v1beta1", kind: "MetricTemplate" },
    { apiVersion: "flagger.app/v1beta1", kind: "AlertProvider" },
  ];
  for (const gvk of kinds) {
    while ((await client.list(gvk).then(() => 200, refusedWith)) === 404)
      await new Promise((done) => setTimeout(done, 50));
  }
}

/** Flagger as a process of the host, with its loop every second. */
export async function runFlagger(
  program: Program,
  kubeconfig: string,
  metricsUrl: string,
): Promise<{ stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), "landfall-flagger-"));
  const [port] = await freePorts(1);
  const args = [
    `-kubeconfig=${kubeconfig}`,
    "-mesh-provider=gatewayapi:v1",
    `-metrics-server=${metricsUrl}`,
    `-port=${port}`,
    "-control-loop-interval=1s",
    "-enable-leader-election=false",
    "-include-label-prefix=app.kubernetes.io/,landfall.dev/",
  ];
  const log = openSync(join(dir, "log"), "a");
  const child: ChildProcess = spawn(program.path, args, {
    env: { HOME: dir, TMPDIR: dir },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  const stop = async () => {
    process.off("exit", endNow);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  return { stop };
}
