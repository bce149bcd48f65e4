import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../cluster/testing/api-server.ts";
import type { Program } from "../../../cluster/testing/programs.ts";

export interface RunningPrometheus {
  url: string;
  /** What it finds at its next scrape, in the text format. */
  expose(text: string): void;
  stop(): Promise<void>;
}

/** A real Prometheus that scrapes one target every half second, with these rule groups. */
export async function startPrometheus(
  program: Program,
  { address = "127.0.0.1", groups = [] }: { address?: string; groups?: readonly object[] } = {},
): Promise<RunningPrometheus> {
  const dir = mkdtempSync(join(tmpdir(), "landfall-prometheus-"));
  let exposed = "";
  const target = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/plain; version=0.0.4");
    answer.end(exposed);
  });
  await new Promise<void>((done) => target.listen(0, "127.0.0.1", done));
  const { port: scraped } = target.address() as { port: number };
  const [port] = await freePorts(1);
  const url = `http://${address}:${port}`;
  writeFileSync(join(dir, "rules.json"), JSON.stringify({ groups }));
  writeFileSync(join(dir, "config.json"), JSON.stringify(configOf(`127.0.0.1:${scraped}`)));
  const log = openSync(join(dir, "log"), "a");
  const args = [`--config.file=${join(dir, "config.json")}`, `--storage.tsdb.path=${join(dir, "data")}`];
  const child = spawn(program.path, [...args, `--web.listen-address=${address}:${port}`], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  const stop = async () => {
    process.off("exit", endNow);
    await end(child);
    target.closeAllConnections();
    await new Promise((done) => target.close(done));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await ready(child, url, join(dir, "log"));
  } catch (error) {
    await stop();
    throw error;
  }
  const expose = (text: string) => {
    exposed = text;
  };
  return { url, expose, stop };
}

function configOf(target: string): object {
  const job = { job_name: "test", honor_labels: true, static_configs: [{ targets: [target] }] };
  return {
    global: { scrape_interval: "500ms", scrape_timeout: "400ms", evaluation_interval: "500ms" },
    rule_files: ["rules.json"],
    scrape_configs: [job],
  };
}

async function ready(child: ChildProcess, url: string, log: string): Promise<void> {
  for (const from = Date.now(); Date.now() - from < 60_000; ) {
    if (child.exitCode !== null) break;
    if (
      await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Prometheus did not become ready:\n${readFileSync(log, "utf8").slice(-2000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
}
