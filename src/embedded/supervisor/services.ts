import { messageOf } from "../../util/errors.ts";
import { fleetPublisher } from "../delivery/publisher.ts";
import { pause } from "../machine/wait.ts";
import type { ClusterState } from "../types.ts";
import { simulatedVolumes } from "../volumes/simulated-volumes.ts";
import type { SupervisorStatus } from "./control.ts";
import type { ServiceContext, SupervisorService } from "./service.ts";

/** What lives in a cluster's supervisor beside the processes. Add a module's service here. */
export function servicesOf({ spec, mode }: ClusterState): SupervisorService[] {
  return [
    ...(spec.fleet ? [fleetPublisher(spec.fleet)] : []),
    ...(mode === "simulated" ? [simulatedVolumes()] : []),
  ];
}

/** Services at work. */
export interface RunningServices {
  statuses: () => SupervisorStatus["services"];
  stop: () => Promise<void>;
}

/** Start each service and try again, with backoff, what fails to start. */
export function runServices(
  list: SupervisorService[],
  cx: Omit<ServiceContext, "log">,
  log: ServiceContext["log"],
) {
  const states = new Map<string, SupervisorStatus["services"][number]>();
  const start = async (service: SupervisorService) => {
    for (let wait = 200; !cx.signal.aborted; wait = Math.min(wait * 2, 10_000)) {
      try {
        states.set(service.name, { name: service.name, state: "starting" });
        await service.start({ ...cx, log: (line) => log(`${service.name}: ${line}`) });
        states.set(service.name, { name: service.name, state: "running" });
        return;
      } catch (error) {
        if (cx.signal.aborted) return;
        states.set(service.name, { name: service.name, state: "failed", reason: messageOf(error) });
        log(`${service.name}: ${messageOf(error)}`);
        await pause(wait, cx.signal);
      }
    }
  };
  for (const service of list) void start(service);
  return {
    statuses: () => [...states.values()],
    stop: async () => {
      const ended = Promise.allSettled(list.map((service) => service.stop()));
      await Promise.race([ended, pause(3000)]);
    },
  } satisfies RunningServices;
}
