import { Command } from "commander";
import { isAnswer } from "../platform/routes.ts";
import { type ClusterReport, status, type UnitStatus } from "../platform/status.ts";
import { at, paint, printNext, printResult, table } from "./output.ts";

/** `landfall status`: what is declared beside what the clusters say. Exit code 1 when something is not healthy. */
export function statusCommand(): Command {
  return new Command("status")
    .description("show what runs where and how it is")
    .argument("[path]", "the declaration or its folder", ".")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const report = await status(path);
      printResult(json, report, () => report.clusters.map(formatCluster).join("\n"));
      if (!report.healthy) process.exitCode = 1;
      printNext(json, report.healthy ? `landfall build${at(path)} --commit` : `landfall up${at(path)}`);
    });
}

function mark(ok: boolean): string {
  return ok ? paint("green", "✔") : paint("red", "✖");
}

function formatCluster(cluster: ClusterReport): string {
  const { embedded, fleet } = cluster;
  const mode = embedded?.mode ? ` · ${embedded.mode === "pods" ? "real pods" : "SIMULATED pods"}` : "";
  const memory = embedded?.memory ? ` · ${Math.round(embedded.memory / 2 ** 20)} MiB` : "";
  const at = fleet.published ? ` · fleet at ${fleet.published.slice(0, 8)}` : "";
  const head = `${mark(cluster.healthy)} ${paint("bold", cluster.name)}${mode}${memory}${at}\n`;
  if (cluster.unreachable) return `${head}  ${cluster.unreachable}\n`;
  const sections = [
    section(
      "apps",
      cluster.units.filter(({ kind }) => kind === "app"),
    ),
    section(
      "parts",
      cluster.units.filter(({ kind }) => kind !== "app"),
    ),
    embedded ? processes(cluster) : "",
    pages(cluster),
    cluster.notes.length > 0
      ? `\n${cluster.notes.map((note) => `  ${paint("yellow", "!")} ${note}\n`).join("")}`
      : "",
    fleet.error ? `\n  ${paint("red", "✖")} the fleet repo's head is not published: ${fleet.error}\n` : "",
  ];
  return head + sections.join("");
}

function section(title: string, units: UnitStatus[]): string {
  if (units.length === 0) return "";
  const rows = units.map(({ name, ready, reason, pods }) => [
    mark(ready && (!pods || pods.ready === pods.wanted)),
    name.replace(/^(app|part)-/, ""),
    pods ? `${pods.ready}/${pods.wanted}` : "",
    pods && pods.restarts > 0 ? `${pods.restarts} restarts` : "",
    pods?.reason ?? reason ?? "",
  ]);
  return `\n${paint("dim", `  ${title}`)}\n${table(rows)}`;
}

function processes({ embedded }: ClusterReport): string {
  const list = embedded?.processes ?? [];
  const unwell = list.filter(({ state }) => state !== "healthy");
  if (unwell.length === 0)
    return `\n${paint("dim", "  processes")}\n  ${mark(true)} ${list.map(({ name }) => name).join(", ")}\n`;
  const rows = unwell.map(({ name, state, reason }) => [mark(false), name, state, reason ?? ""]);
  return `\n${paint("dim", "  processes")}\n${table(rows)}`;
}

function pages(cluster: ClusterReport): string {
  const rows = cluster.pages.map(({ title, url, answer }) => [
    mark(isAnswer(answer)),
    title,
    url,
    String(answer),
  ]);
  const { scrapes } = cluster;
  const scraped = scrapes
    ? `  ${mark(scrapes.down.length === 0)} metrics: ${scrapes.up} targets up${scrapes.down.map((d) => `, ${d}`).join("")}\n`
    : "";
  return rows.length > 0 ? `\n${paint("dim", "  pages")}\n${table(rows)}${scraped}` : scraped;
}
