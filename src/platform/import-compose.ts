import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { languageOf } from "../compile/image-names.ts";
import type { ComposeSource } from "../import/compose/import-compose.ts";
import { parseEnvFile } from "../import/compose/interpolate.ts";
import { failure } from "../util/errors.ts";

/** A Compose file with what it refers to: files below its folder alone, and folders that landfall can build. */
export function composeSource(file: string, out: string): ComposeSource {
  const folder = realpathSync(dirname(file));
  const read = (path: string) => {
    const full = resolve(folder, path);
    if (!existsSync(full)) return undefined;
    const real = realpathSync(full);
    if (real.startsWith(folder + sep)) return readFileSync(real, "utf8");
    throw failure("LF1023", {
      what: `${basename(file)} refers to ${path}, outside of ${folder}`,
      why: "an import reads the folder it is given and nothing else",
      fix: "copy the file beside the Compose file",
    });
  };
  return {
    file: basename(file),
    content: readFileSync(file, "utf8"),
    env: parseEnvFile(existsSync(join(folder, ".env")) ? (read(".env") ?? "") : ""),
    read,
    sourceOf: (context) => {
      const path = relative(resolve(out), resolve(folder, context)).split(sep).join("/");
      const inside = path !== "" && !path.startsWith("..");
      return inside && languageOf(resolve(folder, context)) ? path : undefined;
    },
  };
}
