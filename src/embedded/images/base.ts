import { existsSync, readFileSync } from "node:fs";
import { sha256 } from "../../util/hash.ts";
import type { BuildContext } from "./context.ts";
import { nonRoot } from "./image.ts";
import { type Entry, ensureLayer } from "./layer.ts";
import type { Layer } from "./store.ts";

const passwd = `root:x:0:0:root:/:/sbin/nologin\nnonroot:x:${nonRoot}:${nonRoot}:nonroot:/home/nonroot:/sbin/nologin\n`;
const group = `root:x:0:\nnonroot:x:${nonRoot}:\n`;
const certificates = "/etc/ssl/certs/ca-certificates.crt";

const text = (path: string, content: string): Entry => ({
  path,
  type: "file",
  mode: 0o644,
  content: Buffer.from(content),
});

/** The layer every image has: the user, name lookup, a home and a /tmp to write to. */
export function identityLayer(context: BuildContext): Promise<Layer> {
  const owner = { uid: nonRoot, gid: nonRoot };
  const entries: Entry[] = [
    text("etc/passwd", passwd),
    text("etc/group", group),
    text("etc/nsswitch.conf", "hosts: files dns\n"),
    { path: "home/nonroot", type: "directory", mode: 0o700, ...owner },
    { path: "tmp", type: "directory", mode: 0o1777 },
  ];
  return ensureLayer("identity", context, async () => entries);
}

/** The machine's certificate authorities (with a company's own, where it has some), or nothing where absent. */
export async function certificateLayer(context: BuildContext): Promise<Layer[]> {
  if (!existsSync(certificates)) return [];
  const content = readFileSync(certificates);
  return [
    await ensureLayer(`certificates ${sha256(content)}`, context, async () => [
      { path: certificates.slice(1), type: "file", mode: 0o644, content },
    ]),
  ];
}
