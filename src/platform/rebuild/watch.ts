import { findDeclaration } from "../../model/load.ts";
import { watchDeclaration } from "../../model/watch.ts";
import { LandfallError } from "../../util/errors.ts";
import { type Built, build } from "../build.ts";
import { type Rebuilt, rebuildFrom } from "./index.ts";

/** One build while watching: what was built and how long it took, or what is wrong. */
export type WatchedBuild = { files: string[]; ms: number } & (
  | { ok: true; built: Built | Rebuilt; quick: boolean }
  | { ok: false; error: LandfallError }
);

/**
 * Build, then build again with every change of what the declaration is read from, until `signal` is aborted. A
 * declaration that is wrong for the moment is told and waited for.
 */
export async function watchBuilds(
  path: string,
  options: { out?: string; force?: boolean },
  { onBuild, signal }: { onBuild: (build: WatchedBuild) => void; signal: AbortSignal },
): Promise<void> {
  const file = findDeclaration(path);
  const pending = new Set<string>();
  let wake = () => {};
  const watch = watchDeclaration(
    file,
    (files) => {
      for (const changed of files) pending.add(changed);
      wake();
    },
    signal,
  );
  signal.addEventListener("abort", () => wake(), { once: true });
  let last: Built | undefined;
  for (let files: string[] = []; !signal.aborted; ) {
    const started = performance.now();
    const done = (result: WatchedBuild) => onBuild(result);
    const ms = () => performance.now() - started;
    try {
      const quick = last?.record && files.length > 0 ? rebuildFrom(last.record, new Set(files)) : undefined;
      if (quick) done({ files, ms: ms(), ok: true, built: quick, quick: true });
      else {
        last = await build(path, { ...options, remember: true, onLoaded: watch.follow });
        done({ files, ms: ms(), ok: true, built: last, quick: false });
      }
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      last = undefined;
      done({ files, ms: ms(), ok: false, error });
    }
    if (pending.size === 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    files = [...pending];
    pending.clear();
  }
}
