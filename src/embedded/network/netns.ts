import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../util/errors.ts";
import { run, runOrFail } from "../machine/run.ts";
import type { ClusterState } from "../types.ts";

type Network = NonNullable<ClusterState["network"]>;

/** Where iproute2 keeps named network namespaces. */
export function netnsPath(netns: string): string {
  return `/run/netns/${netns}`;
}

/** Whether the namespace is there and its link to the host has the wished addresses. */
export async function networkIsUp(network: Network, hostIp: string, nodeIp: string): Promise<boolean> {
  if (!existsSync(netnsPath(network.netns))) return false;
  const outer = await run("ip", ["-brief", "address", "show", "dev", network.hostInterface]);
  if (!outer.stdout.includes(` ${hostIp}/${network.prefix}`) || !/\bUP\b/.test(outer.stdout)) return false;
  const inner = await run("ip", [
    "-n",
    network.netns,
    "-brief",
    "address",
    "show",
    "dev",
    network.nodeInterface,
  ]);
  return inner.stdout.includes(` ${nodeIp}/${network.prefix}`);
}

/**
 * Make the namespace and the veth pair; the node's end gets `nodeIp`. There is no default route: what leads
 * beyond the host's end is refused at once, instead of being sent to the host's other addresses or timing
 * out. `services` (the range of Service addresses) has a route only because the kernel wants one before it
 * asks kube-proxy's rules; no packet takes it.
 */
export async function createNetwork(
  network: Network,
  hostIp: string,
  nodeIp: string,
  services: string,
): Promise<void> {
  const { netns, hostInterface, nodeInterface, prefix } = network;
  const ip = (...args: string[]) => runOrFail("ip", args);
  const inside = (...args: string[]) => runOrFail("ip", ["-n", netns, ...args]);
  await ip("netns", "add", netns);
  await ip("link", "add", hostInterface, "type", "veth", "peer", "name", nodeInterface, "netns", netns);
  await inside("link", "set", "lo", "up");
  await inside("address", "add", `${nodeIp}/${prefix}`, "dev", nodeInterface);
  await inside("link", "set", nodeInterface, "up");
  await ip("address", "add", `${hostIp}/${prefix}`, "dev", hostInterface);
  await ip("link", "set", hostInterface, "up");
  await inside("route", "add", services, "via", hostIp);
}

/** iproute2 mounts its folder onto itself with the first namespace and leaves it so; with the last one we tidy up. */
async function removeEmptyFolder(): Promise<void> {
  const folder = dirname(netnsPath("x"));
  if (!existsSync(folder) || readdirSync(folder).length > 0) return;
  await run("umount", [folder]);
  try {
    rmdirSync(folder);
  } catch {
    // Somebody made a namespace just now.
  }
}

/** Remove the link and the namespace; what is not there is no error. */
export async function removeNetwork(network: Pick<Network, "netns" | "hostInterface">): Promise<void> {
  await run("ip", ["link", "delete", network.hostInterface]);
  if (!existsSync(netnsPath(network.netns))) return await removeEmptyFolder();
  const removed = await run("ip", ["netns", "delete", network.netns]);
  if (removed.code !== 0 && existsSync(netnsPath(network.netns))) {
    throw failure("LF9002", {
      what: `the network namespace ${network.netns} cannot be removed`,
      why: removed.stderr.trim(),
      fix: `run \`ip netns delete ${network.netns}\` as root`,
    });
  }
  await removeEmptyFolder();
}
