import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { failure } from "../../util/errors.ts";

export interface ArtifactServer {
  /** Base URL for ExternalArtifacts, without a trailing slash. */
  url: string;
  close(): Promise<void>;
}

export interface ArtifactServerOptions {
  /** Folder of the tarballs. */
  store: string;
  /** The address that pods reach: the host's end of the cluster's link. */
  address: string;
  /** 0 chooses a free one. */
  port: number;
}

/** The only paths there are: `/<artifact>/<sha256>.tar.gz`. Anything else, `..` included, cannot match. */
const pathForm = /^\/([a-z0-9][-a-z0-9]{0,62})\/([0-9a-f]{64})\.tar\.gz$/;

/** Serve the tarballs over plain HTTP, read-only. What is served is checked by Flux against its digest. */
export async function artifactServer(options: ArtifactServerOptions): Promise<ArtifactServer> {
  const server = createServer((request, response) => {
    answer(options.store, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(options.port, options.address, done);
  }).catch((error: NodeJS.ErrnoException) => {
    const what = `cannot serve artifacts at ${options.address}:${options.port}`;
    const fix =
      error.code === "EADDRINUSE"
        ? "end the program that uses this port, or choose another"
        : "bring the cluster's network up again with: landfall up";
    throw failure("LF4001", { what, why: error.message, fix }, error);
  });
  const { port } = server.address() as { port: number };
  const host = options.address.includes(":") ? `[${options.address}]` : options.address;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(store: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const [, name = "", digest = ""] = pathForm.exec(request.url ?? "") ?? [];
  const file = digest ? await open(join(store, name, `${digest}.tar.gz`)).catch(() => undefined) : undefined;
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  // The size comes from the open file, so that a file replaced meanwhile cannot belie it.
  const { size } = await file.stat();
  const etag = `"${digest}"`;
  const headers = { "Content-Type": "application/gzip", "Cache-Control": "immutable", ETag: etag };
  if (request.headers["if-none-match"] === etag || request.method === "HEAD") {
    await file.close();
    const unchanged = request.headers["if-none-match"] === etag;
    response
      .writeHead(unchanged ? 304 : 200, unchanged ? headers : { ...headers, "Content-Length": size })
      .end();
    return;
  }
  response.writeHead(200, { ...headers, "Content-Length": size });
  await pipeline(createReadStream("", { fd: file }), response);
}
