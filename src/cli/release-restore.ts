import { relative } from "node:path";
import { valueText } from "../platform/bulk/message.ts";
import type { OpenReleases } from "../platform/release/engine-open.ts";
import { whoAsks } from "../platform/release/engine-who.ts";
import { type Restored, restoreDeclared } from "../platform/release/restore.ts";
import { viewOf } from "../platform/release/view.ts";
import type { Release } from "../release/index.ts";
import { paint, printNext, printResult, printWarnings } from "./output.ts";
import { inDir, type ReleaseOptions } from "./release-options.ts";

/** `landfall release acknowledge --restore`: what failed is seen, and the declaration says again what runs. */
export async function acknowledgeAndRestore(
  open: OpenReleases,
  id: string | undefined,
  options: ReleaseOptions & { commit: boolean },
  onSeen: (release: Release) => Promise<void>,
): Promise<void> {
  const { dir, json = false, by, commit } = options;
  const who = await whoAsks(open.dir, by);
  const done = await restoreDeclared(dir, open.fleet, id, { who, commit });
  if (done.commit !== undefined) await onSeen(done.release);
  printWarnings(json, done.warnings);
  const { release, warnings, ...rest } = done;
  const view = viewOf(release, [release], undefined, Date.now());
  printResult(json, { release: view, ...rest, warnings }, () => restoredText(done));
  printNext(json, `landfall build --commit${inDir(dir)}`, `landfall release start${inDir(dir)}`);
}

function restoredText({ release, commit, values, files, source }: Restored): string {
  const tick = paint("green", "✔");
  const seen = commit ? [`${tick} ${release.title}: acknowledged · ${commit.slice(0, 8)}`] : [];
  const rows = values.map(
    ({ app, file, path, was, now }) =>
      `  ${file}  ${app}: ${valueText({ path: path.join("."), from: was === undefined ? [] : [was], to: now ?? null })}`,
  );
  const end =
    files.length === 0
      ? "the declaration says already what runs"
      : `${files.map((file) => relative(process.cwd(), file)).join(", ")} ${source ? `committed as ${source.slice(0, 8)}` : "written"}`;
  return `${[...seen, `${tick} ${end}`, ...rows].join("\n")}\n`;
}
