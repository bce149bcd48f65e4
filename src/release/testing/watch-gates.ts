import type { Gate } from "../gate.ts";
import type { Release } from "../release.ts";
import type { Landed } from "./landed.ts";
import { ledgerKey } from "./look.ts";
import type { World } from "./world.ts";

/**
 * A wave starts, or the release ends well, only after each gate of the wave before held: asked at this very step, for
 * every cluster with the new version, with every one of them proven before.
 */
export function gateHeld({ world, was, action, at }: Landed): string | undefined {
  const wave = was.waves[was.wave];
  if (!wave || (action.kind !== "pass" && !(action.kind === "finish" && was.phase === "running")))
    return undefined;
  const open = wave.clusters.find((name) =>
    ["waiting", "updating"].includes(was.clusters[name]?.state ?? ""),
  );
  if (open) return `${open} is not through yet`;
  const away = wave.clusters.filter((name) => was.clusters[name]?.state !== "updated").length;
  const may = Math.max(was.without ?? 0, Math.min(wave.maxUnavailable, wave.clusters.length - 1));
  if (away > may) return `${away} clusters are away, ${may} may be`;
  for (const gate of wave.gates) {
    const wrong = notHeld(world, was, gate, at);
    if (wrong) return `gate ${gate.id}: ${wrong}`;
  }
  return undefined;
}

function notHeld(world: World, was: Release, gate: Gate, at: number): string | undefined {
  const skew = 2000 * world.setting.skew;
  switch (gate.type) {
    case "soak": {
      const since = world.provenAt.get(`${was.id}|${was.wave}|${was.provenAt}`);
      if (since === undefined) return "nothing was proven";
      return at - since + skew >= gate.ms ? undefined : `held for ${at - since} of ${gate.ms} ms`;
    }
    case "hours":
      return isShut(at - skew) && isShut(at) && isShut(at + skew) ? "is shut" : undefined;
    case "approval": {
      const yes = world.approvals.get(`${was.id}|${was.wave}|${gate.id}`)?.size ?? 0;
      return yes >= gate.count ? undefined : `${yes} of ${gate.count} have approved`;
    }
    default:
      return notAnswered(world, was, gate);
  }
}

/** The simulator's hours gate is shut from 8:30 to 9 in UTC. */
function isShut(at: number): boolean {
  const minutes = Math.floor(at / 60_000) % (24 * 60);
  return minutes >= 8 * 60 + 30 && minutes < 9 * 60;
}

function notAnswered(world: World, was: Release, gate: Gate): string | undefined {
  const wave = was.waves[was.wave];
  const all =
    "scope" in gate && gate.scope === "updated"
      ? was.waves.flatMap(({ clusters }) => clusters)
      : (wave?.clusters ?? []);
  const asked =
    gate.type === "http" ? [undefined] : all.filter((name) => was.clusters[name]?.state === "updated");
  for (const cluster of asked) {
    const answers = world.ledger.get(ledgerKey(was.id, was.wave, gate.id, was.step, cluster));
    if (!answers?.has("holds")) return `${cluster ?? "it"} has not said yes at step ${was.step}`;
  }
  return undefined;
}
