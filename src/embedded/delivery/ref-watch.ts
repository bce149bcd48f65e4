import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";

/**
 * Call `onMove` soon after a branch of a bare repository may have moved. File events give the speed, a look
 * every 200 ms the certainty (events get lost on some file systems, and a first branch's folder may not be there
 * yet). Nothing is installed in the repository, so any push by any tool is seen.
 */
export function watchBranch(repo: string, branch: string, onMove: () => void): () => void {
  const files = [join(repo, "refs", "heads", branch), join(repo, "packed-refs")];
  let last = stampOf(files);
  const look = () => {
    const now = stampOf(files);
    if (now === last) return;
    last = now;
    onMove();
  };
  const watchers = [join(repo, "refs", "heads"), repo].flatMap((folder) => watchFolder(folder, look));
  const timer = setInterval(look, 200);
  return () => {
    clearInterval(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function watchFolder(folder: string, look: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    // A folder that vanishes ends its watcher; the look every 200 ms goes on.
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** Changes whenever one of the files is written, replaced or removed. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stat ? `${stat.ino}:${stat.mtimeNs}:${stat.size}` : "-";
    })
    .join(" ");
}
