import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { writeFileAtomic } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";

/** How long a registry that did not answer is not asked again, in milliseconds. */
const patience = 10 * 60_000;

/** A machine without a way to the registry must not wait long to find out, in milliseconds. */
const connectTimeout = 2_000;

interface Refusal {
  until: number;
  reason: string;
}

const file = () => cachePath("unreachable.json");

function remembered(): Record<string, Refusal> {
  try {
    return existsSync(file()) ? (JSON.parse(readFileSync(file(), "utf8")) as Record<string, Refusal>) : {};
  } catch {
    // Half a file cannot be, but a foreign one can; it is only a memory.
    return {};
  }
}

/** Why a registry was found unreachable some minutes ago; undefined when it may be asked. */
export function rememberedRefusal(host: string, now = Date.now()): string | undefined {
  const refusal = remembered()[host];
  return refusal && refusal.until > now ? refusal.reason : undefined;
}

/** Remember on disk, for this and the next runs, that a registry cannot be reached. */
export function rememberRefusal(host: string, reason: string, now = Date.now()): void {
  const kept = Object.entries(remembered()).filter(([, refusal]) => refusal.until > now);
  const all = { ...Object.fromEntries(kept), [host]: { until: now + patience, reason } };
  writeFileAtomic(file(), JSON.stringify(all));
}

/** Why no TCP connection to the host can be made, or undefined when it can. The name is resolved within the time, too. */
export async function connectProblem(
  host: string,
  port: number,
  timeout = connectTimeout,
): Promise<string | undefined> {
  // Through a proxy the host itself need not be reachable.
  if (process.env.NODE_USE_ENV_PROXY === "1") return undefined;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reason?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    const timer = setTimeout(() => end(`no connection to ${host} within ${timeout / 1000} s`), timeout);
    socket.on("connect", () => end());
    socket.on("error", (error) => end(error.message));
  });
}
