import { existsSync, readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { writeFileAtomic } from "../../util/files.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";

const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" };

async function tar(files: { name: string; data: Uint8Array; mode: number }[]): Promise<Buffer> {
  const stream = pack();
  for (const { name, data, mode } of files) {
    stream.entry({ name, mode, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(data));
  }
  stream.finalize();
  return await buffer(stream);
}

/** Write a Docker archive at `path` whose one image, `tag`, holds the program that waits for a signal. */
export async function writePauseArchive(program: string, tag: string, path: string): Promise<void> {
  const layer = await tar([{ name: "pause", data: readFileSync(program), mode: 0o755 }]);
  const config = canonicalJson({
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    config: { Entrypoint: ["/pause"], User: "65535:65535" },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const configName = `${sha256(config)}.json`;
  const manifest = canonicalJson([{ Config: configName, RepoTags: [tag], Layers: ["layer.tar"] }]);
  const archive = await tar([
    { name: "manifest.json", data: Buffer.from(manifest), mode: 0o644 },
    { name: configName, data: Buffer.from(config), mode: 0o644 },
    { name: "layer.tar", data: layer, mode: 0o644 },
  ]);
  if (existsSync(path) && readFileSync(path).equals(archive)) return;
  writeFileAtomic(path, archive);
}
