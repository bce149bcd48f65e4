import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { messageOf } from "../../util/errors.ts";
import type { ProcessStatus } from "../types.ts";

/** What the supervisor answers on its socket. */
export interface ControlHandlers {
  /** With `memory` each process's proportional set size is measured, which takes some milliseconds each. */
  status: (memory: boolean) => SupervisorStatus;
  subscribe: (hear: (status: ProcessStatus) => void) => () => void;
  /** Read cluster.json again and make the processes equal to it. */
  reload: () => Promise<void>;
  /** Begin to stop; with `graceful` pods and databases get time to end. */
  stop: (graceful: boolean) => void;
}

/** What `GET /status` answers; process numbers count in the supervisor's namespace. */
export interface SupervisorStatus {
  startedAt: string;
  processes: ProcessStatus[];
  services: { name: string; state: "starting" | "running" | "failed"; reason?: string }[];
}

function streamEvents(handlers: ControlHandlers, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const write = (status: ProcessStatus) => response.write(`${JSON.stringify(status)}\n`);
  for (const status of handlers.status(false).processes) write(status);
  const end = handlers.subscribe(write);
  response.on("close", end).on("error", end);
}

async function answer(handlers: ControlHandlers, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://supervisor");
  const json = (value: unknown, status = 200) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  switch (`${request.method} ${url.pathname}`) {
    case "GET /status":
      return json(handlers.status(url.searchParams.has("memory")));
    case "GET /events":
      return streamEvents(handlers, response);
    case "POST /reload":
      await handlers.reload();
      return json({ ok: true });
    case "POST /stop":
      handlers.stop(url.searchParams.has("graceful"));
      return json({ ok: true });
    default:
      return json({ error: "no such path" }, 404);
  }
}

/** Serve the control API on a Unix socket that only its owner may open. */
export async function serveControl(socket: string, handlers: ControlHandlers): Promise<Server> {
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  // A predecessor that was killed left its socket behind, and nobody listens on it.
  rmSync(socket, { force: true });
  const server = createServer((request, response) => {
    answer(handlers, request, response).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: messageOf(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return server;
}
