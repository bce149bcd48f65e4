import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { sha256 } from "../../util/hash.ts";
import { certificateLayer, identityLayer } from "./base.ts";
import type { BuildContext } from "./context.ts";
import { debianLayer } from "./debian.ts";
import { assembleImage } from "./image.ts";
import { ensureLayer } from "./layer.ts";
import type { Image, Layer } from "./store.ts";

/** A static program on this machine, by the name it gets in the image. */
interface ProgramFile {
  name: string;
  binary: string;
}

interface ImageProgram extends ProgramFile {
  version: string;
  source?: string;
  title?: string;
  /** What it calls: further static programs, and Debian packages. */
  with?: { programs: ProgramFile[]; debian: string[] };
}

/**
 * An image of a static program, with what it calls. Programs lie in /usr/local/bin and are linked from the root, since
 * upstream images start them from either place.
 */
export async function programImage(program: ImageProgram, context: BuildContext): Promise<Image> {
  const { programs, debian } = program.with ?? { programs: [], debian: [] };
  const files = [...programs, program].map((file) => ({
    ...file,
    digest: sha256(readFileSync(file.binary)),
  }));
  const layers = [
    ...(debian.length > 0 ? [(await debianLayer(debian, context)).layer] : []),
    await identityLayer(context),
    ...(await certificateLayer(context)),
  ];
  for (const file of files) layers.push(await programLayer(file, context));
  return assembleImage(layers, {
    title: program.title ?? program.name,
    version: program.version,
    source: program.source ?? program.name,
    revision: `sha256:${files.at(-1)?.digest}`,
    entrypoint: [posix.join("/", placeOf(program))],
  });
}

const placeOf = ({ name }: { name: string }) => `usr/local/bin/${name}`;

function programLayer(file: ProgramFile & { digest: string }, context: BuildContext): Promise<Layer> {
  const place = placeOf(file);
  return ensureLayer(`program ${file.name} ${file.digest}`, context, async () => [
    { path: place, type: "file", mode: 0o755, file: file.binary },
    { path: file.name, type: "symlink", link: place },
  ]);
}
