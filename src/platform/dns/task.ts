import type { ClusterClient } from "../../cluster/client.ts";
import type { DeclaredDns } from "../../dns/declared.ts";
import { LandfallError, type Problem } from "../../util/errors.ts";
import type { Clusters } from "../release/observe.ts";
import type { DnsSource } from "./source.ts";

/** What one round works with. */
export interface DnsTask {
  company: string;
  declared: DeclaredDns;
  clusters: Pick<Clusters, "ask">;
}

/** The hub as a client whose connection is made anew when it breaks. */
export function hubOf({ declared: { hub }, clusters }: Omit<DnsTask, "company">) {
  const via =
    <A extends unknown[], T>(call: (client: ClusterClient, ...args: A) => Promise<T>) =>
    (...args: A) =>
      clusters.ask(hub, (client) => call(client, ...args));
  return {
    get: via((client, ...args: Parameters<ClusterClient["get"]>) => client.get(...args)),
    list: via((client, ...args: Parameters<ClusterClient["list"]>) => client.list(...args)),
    apply: via((client, ...args: Parameters<ClusterClient["apply"]>) => client.apply(...args)),
    patch: via((client, ...args: Parameters<ClusterClient["patch"]>) => client.patch(...args)),
    remove: via((client, ...args: Parameters<ClusterClient["remove"]>) => client.remove(...args)),
  };
}

export type Hub = ReturnType<typeof hubOf>;

/** What to do once, by what the fleet repo says now. `close` its clusters. */
export async function openDnsTask(source: DnsSource & { otherwise: DeclaredDns }) {
  return taskOf(source, await readOr(source, source.otherwise, () => undefined));
}

/** A task with connections of its own. `close` its clusters. */
export function taskOf({ company, reach }: DnsSource, declared: DeclaredDns) {
  const clusters = reach(declared.clusters.map(({ name }) => name));
  return { company, declared, clusters };
}

/** What a source says; while it cannot be read what was `known`, and while it says nothing what counts otherwise. */
export async function readOr<T extends DeclaredDns | undefined>(
  { read, otherwise }: DnsSource & { otherwise: T },
  known: T,
  onTrouble: (problem: Problem) => void,
): Promise<DeclaredDns | T> {
  try {
    return (await read()) ?? otherwise;
  } catch (error) {
    const [first] = error instanceof LandfallError ? error.problems : [];
    if (first?.code !== "LF3002") throw error;
    onTrouble(first);
    return known;
  }
}
