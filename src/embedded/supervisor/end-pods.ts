import { until } from "../machine/wait.ts";
import { cgroupProcesses } from "../network/cgroup.ts";

function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/**
 * Ask every process of every pod to end and wait a little: databases close their files. What is left is
 * killed with the namespace.
 */
export async function endPods(cgroup: string, timeoutMs = 8000): Promise<void> {
  const pods = () => cgroupProcesses(`${cgroup}/kubepods`);
  signalAll(pods(), "SIGTERM");
  // The pause processes end like the others; none is started again, since the kubelet has ended before.
  await until(() => pods().length === 0, timeoutMs, 50);
}
