import { failure } from "../../util/errors.ts";
import { pause } from "../machine/wait.ts";
import type { Layout } from "../state/layout.ts";
import type { ProcessStatus } from "../types.ts";
import { askSupervisor, isHealthy } from "./control-client.ts";
import type { EventSink } from "./events.ts";

function tell(sink: EventSink, known: Map<string, string>, status: ProcessStatus): void {
  if (known.get(status.name) === status.state) return;
  known.set(status.name, status.state);
  if (status.state === "healthy") sink.done("process", `${status.name} is healthy`, status.name);
  else sink.progress("process", `${status.name}: ${status.reason ?? status.state}`, status.name);
}

/** Wait until every process is healthy, telling of each change. LF4006 names the one that is late. */
export async function waitForProcesses(layout: Layout, sink: EventSink, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  const known = new Map<string, string>();
  for (;;) {
    const processes = (await askSupervisor(layout.socket))?.processes ?? [];
    for (const status of processes) tell(sink, known, status);
    if (isHealthy(processes)) return;
    sink.check();
    if (Date.now() > end) {
      const late = processes.filter((one) => one.state !== "healthy");
      throw failure("LF4006", {
        what: `not healthy in time: ${late.map((one) => one.name).join(", ") || "the supervisor"}`,
        why: late.map((one) => `${one.name}: ${one.reason ?? one.state}`).join("; "),
        fix: `read the logs in ${layout.logs}`,
      });
    }
    await pause(30, sink.signal);
  }
}
