import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { failure } from "../../util/errors.ts";

/** Who listens on a TCP port. The pid is absent when another user's process may not be read. */
export interface PortHolder {
  port: number;
  pid?: number;
  /** The first 120 characters of its command line. */
  command?: string;
  /** The local cluster whose supervisor it is. */
  cluster?: string;
}

/** Inodes of the sockets that listen on `port`, from /proc/net/tcp and tcp6 (state 0A is LISTEN). */
function listeningInodes(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    try {
      return readFileSync(table, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((f) => f[3] === "0A" && f[1]?.endsWith(`:${hex}`))
        .map((f) => f[9] ?? "");
    } catch {
      return [];
    }
  });
}

function openSockets(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
  } catch {
    return [];
  }
}

function commandOf(pid: string): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
    return words.join(" ") || readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** The process that listens on a TCP port of this network namespace, or undefined when nobody does. */
export function portHolder(port: number): PortHolder | undefined {
  const inodes = listeningInodes(port);
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (openSockets(pid).some((link) => wanted.has(link))) {
      const command = commandOf(pid);
      const cluster = /supervisor\/main\.[jt]s \S*\/clusters\/([^/\s]+)/.exec(command)?.[1];
      return { port, pid: Number(pid), command: command.slice(0, 120), ...(cluster ? { cluster } : {}) };
    }
  }
  return { port };
}

/** Whether a server could listen on this port of the loopback now. */
export async function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A free port of the loopback, not among `taken`; the caller must use it soon. */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen({ port: 0, host: "127.0.0.1" }, () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
      });
    });
    if (port > 0 && !taken.has(port)) return port;
  }
}

/**
 * LF4001 when something listens on the port, naming the process that holds it. A holder that `mayHold` it
 * is about to give it up, so that the port counts as free.
 */
export async function requirePort(
  port: number,
  purpose: string,
  mayHold: (pid: number) => boolean = () => false,
): Promise<void> {
  if (await isPortFree(port)) return;
  const holder = portHolder(port);
  if (holder?.pid !== undefined && mayHold(holder.pid)) return;
  const cluster = holder?.cluster;
  const who = holder?.pid === undefined ? "another process" : `process ${holder.pid} (${holder.command})`;
  const why = cluster ? `the local cluster ${cluster} has it` : `${who} listens on it`;
  const other = `choose another port in the declaration: ports: { ${purpose}: ${port + 1} }`;
  const stop = cluster
    ? "run `landfall down` for that cluster, or "
    : holder?.pid
      ? `stop it (\`kill ${holder.pid}\`), or `
      : "";
  throw failure("LF4001", {
    what: `port ${port}, wanted for ${purpose}, is in use`,
    why: holder ? why : "the system refuses to listen on it (ports below 1024 need root)",
    fix: stop + other,
  });
}
