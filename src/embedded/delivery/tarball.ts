import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { pack } from "tar-stream";
import { sha256 } from "../../util/hash.ts";

export interface Tarball {
  data: Buffer;
  /** SHA-256 of `data`, in hex: what a download is checked against. */
  digest: string;
  /** SHA-256 of the tar before compression: does not depend on the zlib in use, so it names the content. */
  content: string;
}

const compress = promisify(gzip);

/** Files as a tar.gz that is a function of names and bytes only: sorted, no times, no owners, mode 644. */
export async function makeTarball(files: ReadonlyMap<string, Uint8Array>): Promise<Tarball> {
  const plain = await tarOf(files);
  const data = await compress(plain, { level: 6 });
  // The gzip header's operating system byte differs between machines; 255 means unknown.
  data[9] = 255;
  return { data, digest: sha256(data), content: sha256(plain) };
}

/** The revision that an artifact with these files has: it names the content alone. */
export async function contentRevision(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  return revisionOfContent(sha256(await tarOf(files)));
}

/** The revision of a tarball's `content`. */
export function revisionOfContent(content: string): string {
  return `latest@sha256:${content}`;
}

async function tarOf(files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const tar = pack();
  const chunks: Buffer[] = [];
  const collected = (async () => {
    for await (const chunk of tar) chunks.push(chunk as Buffer);
  })();
  for (const name of [...files.keys()].sort()) {
    const data = Buffer.from(files.get(name) ?? []);
    tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" }, data);
  }
  tar.finalize();
  await collected;
  return Buffer.concat(chunks);
}
