/**
 * Waves as clusters. Those that say which clusters they mean take them first; a share or a number is drawn from what is
 * left, in the order of a rank that each pair of wave and cluster has for itself, so that a new cluster moves few others.
 */
import { labelsMatch } from "../model/layers.ts";
import type { Company } from "../model/parse.ts";
import type { WaveSpec } from "../model/waves.ts";
import { type Problem, problem } from "../util/errors.ts";
import { promqlFault } from "../util/promql.ts";
import { missing } from "./app-checks.ts";
import { ranked } from "./resolve.ts";

/** A wave with its clusters, by name in order. */
export interface ResolvedWave {
  spec: WaveSpec;
  /** Its index in the declaration; undefined where there are no waves and it stands for all clusters. */
  index: number | undefined;
  clusters: string[];
}

/** The waves of a company; without any, one of all clusters. */
export function resolveWaves(company: Company): ResolvedWave[] {
  const { waves, clusters } = company.spec;
  const all = Object.keys(clusters).sort();
  if (waves.length === 0) return [{ spec: everything, index: undefined, clusters: all }];
  const selected = waves.map((wave) => selectedBy(company, wave, all));
  const left = new Set(all);
  const take = (names: string[]) => {
    for (const cluster of names) left.delete(cluster);
    return names;
  };
  const found = new Map<WaveSpec, string[]>();
  for (const [i, wave] of waves.entries())
    if (!isDrawn(wave) && !wave.rest) found.set(wave, take(selected[i] ?? []));
  for (const [i, wave] of waves.entries())
    if (isDrawn(wave)) found.set(wave, take(drawn(wave, selected[i] ?? [], left)));
  return waves.map((spec, index) => ({ spec, index, clusters: found.get(spec) ?? take([...left]) }));
}

const everything: WaveSpec = {
  ...{ name: "all", gates: [], concurrency: 10, maxUnavailable: 0, timeout: "15m", rest: true },
};

const isDrawn = ({ percent, count }: WaveSpec) => percent !== undefined || count !== undefined;

function selectedBy(company: Company, { clusters, labels, percent, count, rest }: WaveSpec, all: string[]) {
  const none = !clusters && !labels && percent === undefined && count === undefined && !rest;
  if (none) return [];
  const named = clusters ? all.filter((cluster) => clusters.includes(cluster)) : all;
  return named.filter((cluster) => labelsMatch(labels ?? {}, company.labelsOf(cluster)));
}

function drawn({ name, percent, count = 0 }: WaveSpec, from: string[], left: ReadonlySet<string>): string[] {
  const wanted = percent === undefined ? count : Math.ceil((from.length * percent) / 100);
  return ranked(
    name,
    from.filter((cluster) => left.has(cluster)),
  )
    .slice(0, wanted)
    .sort();
}

/** What is wrong with the waves, and with what is said of releases. */
export function checkWaves(company: Company): Problem[] {
  const { waves, clusters, apps, releases } = company.spec;
  const { place } = company.declaration;
  const names = waves.flatMap(({ clusters: named = [] }, i) =>
    named.flatMap((cluster, j) =>
      missing("LF1006", "cluster", cluster, clusters, () => place(["waves", i, "clusters", j])),
    ),
  );
  const frozen = releases.freezes.flatMap((freeze, i) => {
    const at = (key: string, j: number) => () => place(["releases", "freezes", i, key, j]);
    return [
      ...(freeze.apps ?? []).flatMap((app, j) => missing("LF1005", "app", app, apps, at("apps", j))),
      ...(freeze.clusters ?? []).flatMap((cluster, j) =>
        missing("LF1006", "cluster", cluster, clusters, at("clusters", j)),
      ),
    ];
  });
  return [
    ...names,
    ...frozen,
    ...waves.flatMap((wave, i) => [...wrongForm(company, wave, i), ...gateProblems(company, wave, i)]),
    ...wrongClusters(company),
  ];
}

const wrong = (company: Company, i: number, parts: { what: string; why?: string; fix: string }) =>
  problem("LF1026", { ...parts, where: company.declaration.place(["waves", i]) });

function wrongForm(company: Company, wave: WaveSpec, i: number): Problem[] {
  const { waves } = company.spec;
  const also = (["clusters", "labels", "percent", "count"] as const).filter((key) => wave[key] !== undefined);
  const found: Problem[] = [];
  const tell = (what: string, fix: string) => found.push(wrong(company, i, { what, fix }));
  if (wave.rest && also.length > 0)
    tell(`the wave ${wave.name} is the rest, and names ${also.join(" and ")} too`, "leave one of them out");
  if (wave.rest && i !== waves.length - 1)
    tell(`the wave ${wave.name} is the rest, and others follow it`, "make it the last wave");
  if (wave.percent !== undefined && wave.count !== undefined)
    tell(`the wave ${wave.name} has both \`percent\` and \`count\``, "leave one of them out");
  if (waves.findIndex(({ name }) => name === wave.name) !== i)
    tell(`two waves are named ${wave.name}`, "give one of them another name");
  return found;
}

/** Clusters in no wave, in two, and waves without any. */
function wrongClusters(company: Company): Problem[] {
  const { waves, clusters } = company.spec;
  if (waves.length === 0) return [];
  const resolved = resolveWaves(company);
  const found: Problem[] = [];
  const first = new Map<string, string>();
  for (const { spec, index = 0, clusters: own } of resolved) {
    if (own.length === 0 && (spec.clusters ?? []).every((cluster) => Object.hasOwn(clusters, cluster)))
      found.push(
        wrong(company, index, {
          what: `the wave ${spec.name} has no cluster`,
          why: emptyBecause(spec),
          fix: "name clusters, labels that some cluster has, or leave the wave out",
        }),
      );
    for (const cluster of own) {
      const other = first.get(cluster);
      first.set(cluster, other ?? spec.name);
      if (other === undefined) continue;
      found.push(
        wrong(company, index, {
          what: `${cluster} is in two waves, ${other} and ${spec.name}`,
          why: "a cluster gets a release once",
          fix: "leave it out of one of them",
        }),
      );
    }
  }
  const without = Object.keys(clusters).filter((cluster) => !first.has(cluster));
  if (without.length > 0)
    found.push(
      wrong(company, waves.length - 1, {
        what: `${some(without)} ${without.length === 1 ? "is" : "are"} in no wave`,
        why: "no release would ever reach it",
        fix: "add them to a wave, or end with { name: rest, rest: true }",
      }),
    );
  return found;
}

function emptyBecause({ clusters, labels, rest }: WaveSpec): string {
  if (rest) return "the waves before it have all clusters";
  if (labels) return `no cluster has the labels ${JSON.stringify(labels)} and is free`;
  return clusters
    ? "its list is empty, or other waves have them"
    : "it says nothing of clusters, or none is left";
}

const some = (names: string[]) =>
  names.slice(0, 8).join(", ") + (names.length > 8 ? `, and ${names.length - 8} more` : "");

function gateProblems(company: Company, { name, gates }: WaveSpec, i: number): Problem[] {
  const { approvers } = company.spec.releases;
  const place = (...path: (string | number)[]) => company.declaration.place(["waves", i, "gates", ...path]);
  const ids = new Set<string>();
  return gates.flatMap((gate, j) => {
    const found: Problem[] = [];
    if (gate.name !== undefined && ids.has(gate.name))
      found.push(
        problem("LF1026", {
          what: `two gates of the wave ${name} are named ${gate.name}`,
          fix: "give one of them another name",
          where: place(j, "name"),
        }),
      );
    if (gate.name !== undefined) ids.add(gate.name);
    if ("burnRate" in gate && !Object.values(company.spec.apps).some(({ slo }) => slo))
      found.push(
        problem("LF1026", {
          what: `the wave ${name} waits for a burn rate, and no app has an \`slo\``,
          why: "without data a gate never opens",
          fix: "give the apps that are released an `slo`, or leave the gate out",
          where: place(j, "burnRate"),
        }),
      );
    const fault = "promql" in gate ? promqlFault(gate.promql) : undefined;
    if (fault)
      found.push(
        problem("LF1025", {
          what: `a query of the wave ${name} cannot be read`,
          why: fault,
          fix: "write it as Prometheus takes it, giving a number for each cluster",
          where: place(j, "promql"),
        }),
      );
    if ("approval" in gate) found.push(...approvalProblems(gate.approval, approvers, place(j, "approval")));
    return found;
  });
}

function approvalProblems(
  { by, count }: { by?: string[] | undefined; count: number },
  approvers: string[],
  where: ReturnType<Company["declaration"]["place"]>,
): Problem[] {
  const stranger = by?.find((email) => approvers.length > 0 && !approvers.includes(email));
  const able = by ?? (approvers.length > 0 ? approvers : undefined);
  return [
    ...(stranger === undefined
      ? []
      : [
          problem("LF1026", {
            what: `${stranger} is to approve, and is no approver`,
            why: `the approvers are ${some(approvers)}`,
            fix: "add the address to `releases.approvers`, or name another one",
            where,
          }),
        ]),
    ...(able && new Set(able).size < count
      ? [
          problem("LF1026", {
            what: `${count} approvals are asked for, and ${new Set(able).size} may give one`,
            fix: "name more people, or ask for fewer",
            where,
          }),
        ]
      : []),
  ];
}
