import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../src/util/hash.ts";

export type ModuleVersion = [module: string, version: string];

/** One upstream module on disk. `read` remembers what was read, `used` tells it with the files' digests. */
export interface Module {
  read(path: string): string;
  list(folder: string, suffix: string): string[];
  used(): { module: string; version: string; sum: string; files: Record<string, string> };
}

/** Download a module (or find it in Go's cache), checked against Go's checksum database as usual. */
export function openModule([module, version]: ModuleVersion): Module {
  // Run outside any module, so that no go.mod here changes what is chosen.
  const answer = execFileSync("go", ["mod", "download", "-json", `${module}@${version}`], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
  const files: Record<string, string> = {};
  return {
    read(path) {
      const text = readFileSync(join(Dir, path), "utf8");
      files[path] = sha256(text);
      return text;
    },
    list: (folder, suffix) =>
      readdirSync(join(Dir, folder))
        .filter((name) => name.endsWith(suffix))
        .sort()
        .map((name) => `${folder}/${name}`),
    used: () => ({ module, version, sum: Sum, files }),
  };
}
