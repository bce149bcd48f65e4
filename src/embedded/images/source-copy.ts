import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { failure } from "../../util/errors.ts";
import { sha256 } from "../../util/hash.ts";
import type { SourceFile } from "../../util/source-tree.ts";

/**
 * Copy a listed source below another folder, paths kept, so that building never touches the user's tree.
 * What changed since it was listed is refused: the image would not match its key.
 */
export function copySource(root: string, files: SourceFile[], to: string): void {
  for (const file of files) {
    const target = join(to, file.path);
    mkdirSync(dirname(target), { recursive: true });
    if (file.link !== undefined) {
      symlinkSync(file.link, target);
      continue;
    }
    const content = readFileSync(join(root, file.path));
    if (sha256(content) !== file.sha256) {
      throw failure("LF5003", {
        what: `${file.path} changed while its image was built`,
        fix: "run the command again",
        where: { file: file.path },
      });
    }
    writeFileSync(target, content);
    chmodSync(target, file.mode);
  }
}
