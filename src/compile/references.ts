import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";
import type { Code } from "../util/codes.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Problem, problem } from "../util/errors.ts";
import { clusterLabels, isPlaced, portsOf } from "./resolve.ts";

type Path = (string | number)[];

/** What every check of one app gets. `base` is the key path the app was declared at. */
interface Checked {
  company: Company;
  name: string;
  app: AppSpec;
  apps: Record<string, AppSpec>;
  base: Path;
}

/** Check every name in the declaration that refers to something else declared there. */
export function checkReferences(company: Company): Problem[] {
  const environments = [undefined, ...Object.keys(company.spec.environments)];
  const problems = environments.flatMap((environment) => {
    const apps = company.appsIn(environment);
    return Object.entries(apps).flatMap(([name, app]) => {
      const checked = { company, name, app, apps, base: ["apps", name] };
      return appChecks.flatMap((check) => check(checked));
    });
  });
  problems.push(...clusterChecks(company), ...afterCycles(company));
  return unique(problems);
}

/** The same problem of an app shows up in every environment that does not change it; once is enough. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Map(problems.map((p) => [`${p.code} ${p.what} ${p.where?.path}`, p]));
  return [...seen.values()];
}

const appChecks: ((checked: Checked) => Problem[])[] = [
  ({ company, app, apps, base }) =>
    app.calls.flatMap((callee, i) => missing("LF1005", "app", callee, apps, company, [...base, "calls", i])),
  ({ company, app, apps, base }) =>
    app.after.flatMap((other, i) => missing("LF1005", "app", other, apps, company, [...base, "after", i])),
  ({ company, app, base }) =>
    Object.keys(app.environments).flatMap((environment) =>
      missing("LF1010", "environment", environment, company.spec.environments, company, [
        ...base,
        "environments",
        environment,
      ]),
    ),
  ({ company, app, base }) =>
    (app.on.clusters ?? []).flatMap((cluster, i) =>
      missing("LF1006", "cluster", cluster, company.spec.clusters, company, [...base, "on", "clusters", i]),
    ),
  checkImage,
  checkEnv,
  checkPorts,
  checkScale,
  checkCallers,
];

function missing(
  code: Code,
  kind: string,
  name: string,
  known: object,
  company: Company,
  path: Path,
): Problem[] {
  if (Object.hasOwn(known, name)) return [];
  const names = Object.keys(known);
  const near = didYouMean(name, names);
  const add = kind === "app" ? ", or add it to the company's apps" : "";
  return [
    problem(code, {
      what: `there is no ${kind} named ${name}`,
      ...(names.length > 0 && {
        why: `the ${kind}s are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`,
      }),
      fix: near ? `did you mean ${near}?${add}` : `declare it${add}, or remove this`,
      where: company.declaration.place(path),
    }),
  ];
}

function checkImage({ company, name, app, base }: Checked): Problem[] {
  const place = company.declaration.place;
  if (!app.image === !app.source) {
    const what = app.image ? `${name} has both image and source` : `${name} has neither image nor source`;
    return [problem("LF1016", { what, fix: "give exactly one of the two", where: place(base) })];
  }
  const folders = app.source
    ? typeof app.source === "string"
      ? [app.source]
      : [app.source.path, ...app.source.shared]
    : [];
  return folders
    .filter((folder) => !existsSync(join(company.declaration.dir, folder)))
    .map((folder) =>
      problem("LF1012", {
        what: `the folder ${folder} does not exist`,
        why: `${name} is built from it`,
        fix: "create it, or correct the path; it starts at the declaration's folder",
        where: place([...base, "source"]),
      }),
    );
}

function checkEnv({ company, app, apps, base }: Checked): Problem[] {
  return Object.entries(app.env).flatMap(([key, value]) => {
    const path = [...base, "env", key];
    if (typeof value !== "object") return [];
    if ("secret" in value)
      return missing("LF1017", "secret", value.secret, company.spec.secrets, company, path);
    const called = apps[value.address];
    if (!called) return missing("LF1005", "app", value.address, apps, company, path);
    return value.port === undefined ? [] : missingPort(company, called, value.address, value.port, path);
  });
}

function missingPort(company: Company, app: AppSpec, name: string, port: string, path: Path): Problem[] {
  const ports = Object.keys(app.ports);
  if (ports.includes(port)) return [];
  return [
    problem("LF1011", {
      what: `${name} has no port named ${port}`,
      fix: ports.length > 0 ? `its ports are ${ports.join(", ")}` : `give ${name} ports`,
      where: company.declaration.place(path),
    }),
  ];
}

function checkPorts({ company, name, app, base }: Checked): Problem[] {
  const asked: [string | undefined, Path][] = app.expose.map((route, i) => [
    route.port,
    [...base, "expose", i, "port"],
  ]);
  const { live, ready } = app.probes;
  for (const [key, probe] of Object.entries({ live, ready })) {
    if (!probe) continue;
    const port = "http" in probe ? probe.port : "grpc" in probe ? probe.grpc : probe.tcp;
    asked.push([port, [...base, "probes", key]]);
  }
  if (app.metrics) asked.push([app.metrics.port, [...base, "metrics"]]);
  const problems = asked.flatMap(([port, path]) =>
    port === undefined ? [] : missingPort(company, app, name, port, path),
  );
  const routable = portsOf(app).some((p) => p.protocol !== "tcp" && p.name !== "metrics");
  if (app.expose.length > 0 && !routable) {
    problems.push(
      problem("LF1011", {
        what: `${name} is exposed but has no http or grpc port`,
        fix: "add `ports: { http: 8080 }`",
        where: company.declaration.place([...base, "expose"]),
      }),
    );
  }
  return problems;
}

function checkScale({ company, name, app, base }: Checked): Problem[] {
  const where = company.declaration.place([...base, "scale"]);
  if (app.scale.max < app.scale.min && app.scale.max !== 1) {
    const what = `${name} scales from ${app.scale.min} to ${app.scale.max}`;
    return [problem("LF1016", { what, fix: "make max at least min", where })];
  }
  const lasting = Object.values(app.volumes).some((volume) => !volume.ephemeral);
  if (lasting && app.scale.max > app.scale.min) {
    const what = `${name} has a lasting volume and an autoscaler`;
    const why = "a pod that goes takes its part of the data out of reach";
    return [
      problem("LF1016", {
        what,
        why,
        fix: "set scale.max to scale.min, or make the volume ephemeral",
        where,
      }),
    ];
  }
  return [];
}

/** A caller must find what it calls on its own cluster. */
function checkCallers({ company, name, app, apps, base }: Checked): Problem[] {
  return Object.entries(company.spec.clusters).flatMap(([cluster, spec]) => {
    const labels = clusterLabels(company, spec);
    if (!isPlaced(app, cluster, labels)) return [];
    return app.calls.flatMap((callee, i) => {
      const called = apps[callee];
      if (!called || isPlaced(called, cluster, labels)) return [];
      return [
        problem("LF1013", {
          what: `${name} runs on ${cluster}, where ${callee} does not`,
          why: "calls go to the same cluster",
          fix: `place ${callee} on ${cluster} too, or ${name} elsewhere`,
          where: company.declaration.place([...base, "calls", i]),
        }),
      ];
    });
  });
}

function clusterChecks(company: Company): Problem[] {
  return Object.entries(company.spec.clusters).flatMap(([name, spec]) => {
    const path = ["clusters", name, "environment"];
    const unknown = spec.environment
      ? missing("LF1010", "environment", spec.environment, company.spec.environments, company, path)
      : [];
    return [...unknown, ...hostClashes(company, name)];
  });
}

/** Two apps on one cluster may share a host name only with different paths. */
function hostClashes(company: Company, cluster: string): Problem[] {
  const spec = company.spec.clusters[cluster];
  if (!spec) return [];
  const labels = clusterLabels(company, spec);
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, app] of Object.entries(company.appsIn(spec.environment))) {
    if (!isPlaced(app, cluster, labels)) continue;
    for (const [i, { host, path }] of app.expose.entries()) {
      const first = taken.get(`${host}${path}`);
      taken.set(`${host}${path}`, first ?? name);
      if (first === undefined) continue;
      problems.push(
        problem("LF1014", {
          what: `${first} and ${name} both answer at ${host}${path}`,
          why: `both are placed on ${cluster}`,
          fix: "give one of them another host or path",
          where: company.declaration.place(["apps", name, "expose", i]),
        }),
      );
    }
  }
  return problems;
}

/** `after` must not lead back; each cycle is named once, as a → b → a. */
function afterCycles(company: Company): Problem[] {
  const apps = company.spec.apps;
  const done = new Set<string>();
  const problems: Problem[] = [];
  const visit = (name: string, trail: string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const cycle = [...trail.slice(start), name].join(" → ");
      const where = company.declaration.place(["apps", name, "after"]);
      problems.push(
        problem("LF2008", {
          what: `apps wait for each other: ${cycle}`,
          fix: "remove one `after`; `calls` may be cyclic, waiting may not",
          where,
        }),
      );
    }
    if (start >= 0 || done.has(name)) return;
    for (const next of apps[name]?.after ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of Object.keys(apps)) visit(name, []);
  return problems;
}
