import { request } from "node:http";
import type { SupervisorStatus } from "../supervisor/control.ts";
import type { ProcessStatus } from "../types.ts";

async function call(
  socket: string,
  method: string,
  path: string,
  timeoutMs: number,
): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const req = request({ socketPath: socket, method, path, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(response.statusCode === 200 ? text : undefined));
      response.on("error", () => resolve(undefined));
    });
    req.on("timeout", () => req.destroy());
    req.on("error", () => resolve(undefined));
    req.end();
  });
}

/** What the supervisor says of its processes; undefined when it does not answer. */
export async function askSupervisor(socket: string, memory = false): Promise<SupervisorStatus | undefined> {
  const text = await call(socket, "GET", memory ? "/status?memory" : "/status", 5000);
  return text === undefined ? undefined : (JSON.parse(text) as SupervisorStatus);
}

/** Tell the supervisor to read its state again; false when it does not answer. */
export async function reloadSupervisor(socket: string): Promise<boolean> {
  return (await call(socket, "POST", "/reload", 30_000)) !== undefined;
}

/** Tell the supervisor to stop; false when it does not answer. */
export async function stopSupervisor(socket: string, graceful: boolean): Promise<boolean> {
  return (await call(socket, "POST", graceful ? "/stop?graceful" : "/stop", 5000)) !== undefined;
}

/** States that a process may be in without anything being wrong. */
export function isHealthy(processes: ProcessStatus[]): boolean {
  return processes.length > 0 && processes.every((one) => one.state === "healthy");
}
