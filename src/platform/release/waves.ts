import { resolveWaves } from "../../compile/waves.ts";
import type { Company } from "../../model/parse.ts";
import { endOf, type GateSpec, startOf, weekdays } from "../../model/waves.ts";
import type { Gate, Release, Wave } from "../../release/index.ts";
import { milliseconds } from "../../util/durations.ts";

/** The declared waves as a release has them: of its own clusters alone. A wave that has none of them is left out. */
export function releaseWaves(company: Company, clusters: ReadonlySet<string>): Wave[] {
  return resolveWaves(company)
    .map(({ spec, clusters: all }) => ({
      name: spec.name,
      clusters: all.filter((cluster) => clusters.has(cluster)),
      gates: gatesOf(spec.gates),
      concurrency: spec.concurrency,
      maxUnavailable: spec.maxUnavailable,
      timeoutMs: milliseconds(spec.timeout),
    }))
    .filter((wave) => wave.clusters.length > 0);
}

/** Gates with names that are unique in the wave: their own, else after their kind. */
function gatesOf(gates: readonly GateSpec[]): Gate[] {
  const taken = new Set(gates.flatMap(({ name }) => name ?? []));
  return gates.map((gate) => {
    const kind = kindOf(gate);
    let id = gate.name ?? kind;
    for (let n = 2; gate.name === undefined && taken.has(id); n++) id = `${kind}-${n}`;
    taken.add(id);
    return gateOf(gate, id);
  });
}

function kindOf(gate: GateSpec): string {
  if ("soak" in gate) return "soak";
  if ("promql" in gate) return "query";
  if ("burnRate" in gate) return "burn-rate";
  if ("hours" in gate) return "hours";
  return "approval" in gate ? "approval" : "external";
}

function gateOf(gate: GateSpec, id: string): Gate {
  if ("soak" in gate) return { id, type: "soak", ms: milliseconds(gate.soak) };
  if ("promql" in gate) {
    const { promql, max, min, on } = gate;
    const limits = { ...(max !== undefined && { max }), ...(min !== undefined && { min }) };
    return { id, type: "promql", query: promql, ...limits, scope: on };
  }
  if ("burnRate" in gate)
    return { id, type: "burnRate", max: gate.burnRate, window: gate.window, scope: gate.on };
  if ("hours" in gate) {
    const { days, ...times } = gate.hours;
    return { id, type: "hours", days: days.map((day) => weekdays.indexOf(day) + 1), ...times };
  }
  if ("approval" in gate) {
    const { by, count } = gate.approval;
    return { id, type: "approval", ...(by && { by }), count };
  }
  return { id, type: "http", url: gate.http };
}

/** What the company says of every release, as far as it concerns these apps and clusters. */
export function releasePolicy(
  company: Company,
  apps: readonly string[],
  clusters: ReadonlySet<string>,
): Release["policy"] {
  const { onFailure, approvers, awayAfter, freezes } = company.spec.releases;
  const iso = (at: number) => new Date(at).toISOString();
  return {
    onFailure,
    approvers,
    awayAfterMs: milliseconds(awayAfter),
    freezes: freezes
      .filter((freeze) => freeze.apps === undefined || freeze.apps.some((app) => apps.includes(app)))
      .filter((freeze) => freeze.clusters === undefined || freeze.clusters.some((name) => clusters.has(name)))
      .map(({ from, until, reason, clusters: frozen }) => ({
        ...{ from: iso(startOf(from)), until: iso(endOf(until)), reason },
        // One of all its clusters is one of the whole release, which is refused at the start.
        ...(frozen &&
          ![...clusters].every((name) => frozen.includes(name)) && {
            clusters: frozen.filter((name) => clusters.has(name)),
          }),
      })),
  };
}
