import { readFileSync } from "node:fs";
import type { Check } from "./doctor-check.ts";
import { run } from "./machine/run.ts";

/** Tried in a network namespace that ends with the command, so nothing stays. */
async function triesInNamespace(command: string): Promise<string | undefined> {
  const result = await run("unshare", ["--net", "--mount", "sh", "-c", command], { timeoutMs: 5000 });
  return result.code === 0 ? undefined : result.stderr.trim().split("\n").at(-1) || "refused";
}

const overlay =
  "mount -t tmpfs none /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m && " +
  "mount -t overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w none /mnt/m";

const trials = [
  { id: "overlayfs", title: "overlayfs", command: overlay },
  { id: "netns", title: "network namespaces", command: "ip link set lo up" },
  { id: "veth", title: "veth links", command: "ip link add lf0 type veth peer name lf1" },
  { id: "nat", title: "iptables NAT", command: "iptables -t nat -A POSTROUTING -j MASQUERADE" },
];

/** What pods need of the kernel, tried out rather than looked up. Without root it cannot be tried. */
export async function checkKernel(): Promise<Check[]> {
  if (process.platform !== "linux") return [];
  if (process.getuid?.() !== 0) {
    const known = readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n");
    const found = known ? "known to the kernel" : "not loaded; cannot be tried without root";
    return [{ id: "overlayfs", title: "overlayfs", state: known ? "ok" : "warn", found }];
  }
  return await Promise.all(
    trials.map(async ({ id, title, command }): Promise<Check> => {
      const refused = await triesInNamespace(command);
      if (refused === undefined) return { id, title, state: "ok", found: "works" };
      const fix =
        id === "nat" ? "install iptables (`up` does)" : `load the kernel module or allow it: ${refused}`;
      return { id, title, state: "warn", found: refused, fix };
    }),
  );
}
