/** A Git host on loopback: git's own HTTP server, which lets in whoever has the token. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";

const exec = promisify(execFile);

export interface GitHost {
  /** Its repository is `<url>/fleet.git`. */
  url: string;
  /** Requests so far. */
  asked: number;
  /** The commit of `main`, or undefined while there is none. */
  head(): Promise<string | undefined>;
  /** A file at `main`. */
  show(path: string): Promise<string>;
  /** The names in a folder at `main`. */
  files(folder: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startGitHost(token: string): Promise<GitHost> {
  const root = mkdtempSync(join(tmpdir(), "landfall-git-host-"));
  const repo = join(root, "fleet.git");
  await exec("git", ["init", "--quiet", "--bare", "--initial-branch=main", repo]);
  const server = createServer((request, response) => {
    host.asked++;
    const [, password] = Buffer.from((request.headers.authorization ?? "").slice("Basic ".length), "base64")
      .toString()
      .split(":");
    if (password !== token) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="fleet"' }).end();
      return;
    }
    backend(root, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const git = async (...args: string[]) => (await exec("git", ["-C", repo, ...args])).stdout;
  const host: GitHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: 0,
    head: async () =>
      (await git("for-each-ref", "--format=%(objectname)", "refs/heads/main")).trim() || undefined,
    files: async (folder) => (await git("ls-tree", "--name-only", `main:${folder}`)).trim().split("\n"),
    show: (path) => git("show", `main:${path}`),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(root, { recursive: true, force: true });
    },
  };
  return host;
}

/** Hand a request to `git http-backend`, which speaks CGI. */
async function backend(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "landfall",
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
  });
  request.pipe(child.stdin).on("error", () => undefined);
  const answer = await buffer(child.stdout);
  const end = answer.indexOf("\r\n\r\n");
  const headers = answer
    .subarray(0, end)
    .toString()
    .split("\r\n")
    .map((line) => line.split(": ") as [string, string]);
  const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
  response.writeHead(
    Number.parseInt(status, 10),
    Object.fromEntries(headers.filter(([name]) => name !== "Status")),
  );
  response.end(answer.subarray(end + 4));
}
