import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BuildContext } from "./context.ts";
import { run, runOrFail } from "./run.ts";
import { type Layer, layerPath } from "./store.ts";

/** A Debian Python unpacked in a folder; it runs from there, with its own C library and whatever the host has. */
export interface UnpackedPython {
  root: string;
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
}

/** Unpack a layer that holds Debian's python3 below `folder`, to be run on this machine. */
export async function unpackPython(
  layer: Layer,
  folder: string,
  context: BuildContext,
): Promise<UnpackedPython> {
  mkdirSync(folder, { recursive: true });
  await runOrFail("tar", ["-xzf", layerPath(layer.digest), "-C", folder, "--no-same-owner"], {
    ...context,
    code: "LF5003",
    what: "the Python layer cannot be unpacked",
    fix: "check the disk's free space",
  });
  return pythonIn(folder);
}

/** How to run the Python that is unpacked in a folder. */
export function pythonIn(root: string): UnpackedPython {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  return {
    root,
    // Called through its own loader: the path of the loader inside the program names the host's.
    command: join(libraries, "ld-linux-x86-64.so.2"),
    args: ["--library-path", libraries, join(root, "usr/bin/python3.11"), "-s"],
    env: {
      PYTHONHOME: join(root, "usr"),
      PYTHONPATH: undefined,
      PYTHONHASHSEED: "0",
      PYTHONDONTWRITEBYTECODE: "1",
      LD_PRELOAD: undefined,
    },
  };
}

/**
 * Compile a folder's modules as if it lay at `/` of an image whose root is `stage`. The file system is
 * read-only in a pod, so without this every start compiles everything again. The result depends on the
 * sources only (no times in it). A module that does not compile is left as it is.
 */
export async function compileBytecode(
  python: UnpackedPython,
  stage: string,
  folder: string,
  context: BuildContext,
): Promise<void> {
  const options = ["-qq", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", stage, "-p", "/"];
  const args = [...python.args, "-m", "compileall", ...options, join(stage, folder)];
  const { signal } = context;
  await run(python.command, args, { env: python.env, ...(signal ? { signal } : {}) });
}
