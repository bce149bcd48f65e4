import { statSync } from "node:fs";
import { join } from "node:path";
import type { AppSpec } from "../model/app.ts";
import type { Code } from "../util/codes.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Place, type Problem, problem } from "../util/errors.ts";
import { staysInside } from "../util/files.ts";
import { routePort, sharedPort } from "./app-routes.ts";
import { builtInMounts, isAutoscaled, lastingVolumes } from "./app-shape.ts";
import type { Checked } from "./checked.ts";
import { languageFiles, languageOf } from "./image-names.ts";
import { checkRelease } from "./release-checks.ts";
import { portsOf } from "./resolve.ts";
import { unknownRules } from "./waivers.ts";

type Path = (string | number)[];

/** The checks that look at nothing but the app itself. */
export const inwardChecks: ((checked: Checked) => Problem[])[] = [
  checkImage,
  checkPorts,
  checkScale,
  checkVolumes,
];

/** The checks of one app, as a flat list. */
export const appChecks: ((checked: Checked) => Problem[])[] = [
  ({ app, apps, place }) =>
    app.calls.flatMap((callee, i) => missing("LF1005", "app", callee, apps, () => place(["calls", i]))),
  ({ app, apps, place }) =>
    app.after.flatMap((other, i) => missing("LF1005", "app", other, apps, () => place(["after", i]))),
  ({ company, app, place }) =>
    app.overrides.flatMap(({ where: { environment } }, i) =>
      environment === undefined
        ? []
        : missing("LF1010", "environment", environment, company.spec.environments, () =>
            place(["overrides", i, "where", "environment"]),
          ),
    ),
  checkWeights,
  ({ company, app, place }) =>
    (app.on.clusters ?? []).flatMap((cluster, i) =>
      missing("LF1006", "cluster", cluster, company.spec.clusters, () => place(["on", "clusters", i])),
    ),
  ({ app, place }) => unknownRules(app.waive, (i) => place(["waive", i, "rule"])),
  checkRelease,
  checkSource,
  checkEnv,
  ...inwardChecks,
];

/** One problem when `name` is not among the keys of `known`. */
export function missing(
  code: Code,
  kind: string,
  name: string,
  known: object,
  where: () => Place,
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
      where: where(),
    }),
  ];
}

function checkImage({ name, app, place }: Checked): Problem[] {
  if (!app.image === !app.source) {
    const what = app.image ? `${name} has both image and source` : `${name} has neither image nor source`;
    const where = place(app.image ? ["image"] : []);
    return [problem("LF1016", { what, fix: "give exactly one of the two", where })];
  }
  if (!app.recipe || app.image) return [];
  const what = `${name} has a recipe but no image`;
  return [
    problem("LF1016", { what, fix: "name the image it makes, or remove it", where: place(["recipe"]) }),
  ];
}

function checkSource({ company, name, app, place }: Checked): Problem[] {
  if (!app.source) return [];
  const { dir } = company.declaration;
  const { path, shared, language } =
    typeof app.source === "string" ? { path: app.source, shared: [], language: undefined } : app.source;
  const where = place(["source"]);
  const absent = [path, ...shared].filter(
    (folder) => !statSync(join(dir, folder), { throwIfNoEntry: false })?.isDirectory(),
  );
  const problems = absent.map((folder) =>
    problem("LF1012", {
      what: `the folder ${folder} does not exist`,
      why: `${name} is built from it`,
      fix: "create it, or correct the path; it starts at the declaration's folder",
      where,
    }),
  );
  const strays = [path, ...shared].filter(
    (folder) => !absent.includes(folder) && !staysInside(dir, join(dir, folder)),
  );
  if (strays.length > 0) return [...problems, ...strays.map((folder) => straySource(folder, where))];
  if (absent.includes(path) || language || languageOf(join(dir, path))) return problems;
  return [
    ...problems,
    problem("LF1012", {
      what: `how to build ${path} is not known`,
      why: `it holds none of ${languageFiles.map(([file]) => file).join(", ")}`,
      fix: "add that file, or set source.language",
      where,
    }),
  ];
}

function straySource(folder: string, where: Place): Problem {
  return problem("LF1012", {
    what: `the folder ${folder} leads outside the declaration's folder`,
    why: "a symbolic link on the way leaves it, and an image is built from what is kept together with the declaration",
    fix: "replace the link by the folder itself",
    where,
  });
}

function checkEnv({ company, app, apps, place }: Checked): Problem[] {
  return Object.entries(app.env).flatMap(([key, value]) => {
    const where = () => place(["env", key]);
    if (typeof value !== "object") return [];
    if ("secret" in value) return missing("LF1017", "secret", value.secret, company.spec.secrets, where);
    const called = apps[value.address];
    if (!called) return missing("LF1005", "app", value.address, apps, where);
    return missingPort(called, value.address, value.port, where);
  });
}

/** Without a name any port does. */
function missingPort(app: AppSpec, name: string, port: string | undefined, where: () => Place): Problem[] {
  const ports = Object.keys(app.ports);
  if (port === undefined ? ports.length > 0 : ports.includes(port)) return [];
  return [
    problem("LF1011", {
      what: port === undefined ? `${name} has no ports` : `${name} has no port named ${port}`,
      fix: ports.length > 0 ? `its ports are ${ports.join(", ")}` : `give ${name} ports`,
      where: where(),
    }),
  ];
}

function checkPorts({ name, app, place }: Checked): Problem[] {
  const asked: [string | undefined, Path][] = app.expose.map((route, i) => [
    route.port,
    ["expose", i, "port"],
  ]);
  const { live, ready } = app.probes;
  for (const [key, probe] of Object.entries({ live, ready })) {
    if (!probe) continue;
    const port = "http" in probe ? probe.port : "grpc" in probe ? probe.grpc : probe.tcp;
    asked.push([port, ["probes", key]]);
  }
  if (app.metrics) asked.push([app.metrics.port, ["metrics"]]);
  const problems = asked.flatMap(([port, path]) =>
    port === undefined ? [] : missingPort(app, name, port, () => place(path)),
  );
  const routable = portsOf(app).some((p) => p.protocol !== "tcp" && p.name !== "metrics");
  if (app.expose.some(({ port }) => port === undefined) && !routable) {
    problems.push(
      problem("LF1011", {
        what: `${name} is exposed but has no http or grpc port`,
        fix: "add `ports: { http: 8080 }`",
        where: place(["expose"]),
      }),
    );
  }
  return problems;
}

function checkScale({ name, app, place }: Checked): Problem[] {
  if (app.scale.max < app.scale.min && app.scale.max !== 1) {
    const what = `${name} scales from ${app.scale.min} to ${app.scale.max}`;
    return [problem("LF1016", { what, fix: "make max at least min", where: place(["scale", "max"]) })];
  }
  if (lastingVolumes(app).length === 0 || !isAutoscaled(app)) return [];
  return [
    problem("LF1016", {
      what: `${name} has a lasting volume and an autoscaler`,
      why: "a pod that goes takes its part of the data out of reach",
      fix: "set scale.max to scale.min, or make the volume ephemeral",
      where: place(["scale"]),
    }),
  ];
}

function checkVolumes({ name, app, place }: Checked): Problem[] {
  return builtInMounts(app)
    .filter((builtIn) => Object.hasOwn(app.volumes, builtIn.name))
    .map((builtIn) =>
      problem("LF1008", {
        what: `${name} has a volume named ${builtIn.name}, as landfall's own at ${builtIn.mountPath}`,
        why: "the volumes of a pod go by their names",
        fix: "give it another name",
        where: place(["volumes", builtIn.name]),
      }),
    );
}

function checkWeights({ company, name, app, apps, place }: Checked): Problem[] {
  const problems = Object.keys(app.weights).flatMap((other) => {
    const where = () => place(["weights", other]);
    if (other !== name) return missing("LF1005", "app", other, apps, where);
    const what = `${name} gives a share to itself`;
    return [problem("LF1016", { what, fix: "name the other app alone", where: where() })];
  });
  if (Object.keys(app.weights).length > 0 && app.expose.length === 0)
    problems.push(
      problem("LF1016", {
        what: `${name} gives shares of its traffic to other apps and is not exposed`,
        why: "a share is one of the requests that come through the gateway's route; calls inside the cluster do not pass it",
        fix: 'add `expose`, e.g. `expose: [{ host: "app.example.com" }]`, or remove `weights`',
        where: place(["weights"]),
      }),
    );
  for (const other of Object.keys(app.weights))
    problems.push(...unfitShare({ company, name, app, apps, place }, other));
  const sum = Object.values(app.weights).reduce((total, weight) => total + weight, 0);
  if (sum <= 100) return problems;
  const what = `${name} gives away ${sum} percent of its traffic`;
  return [...problems, problem("LF1016", { what, fix: "give at most 100", where: place(["weights"]) })];
}

/** Whoever answers a share is reached by the same routes: in the same namespace, by the same protocol. */
function unfitShare({ company, name, app, apps, place }: Checked, other: string): Problem[] {
  const shared = apps[other];
  if (!shared || other === name) return [];
  const where = place(["weights", other]);
  const namespaceOf = ({ namespace = company.spec.company }: AppSpec) => namespace;
  if (namespaceOf(shared) !== namespaceOf(app)) {
    const what = `${name} gives a share of its traffic to ${other}, which is in another namespace`;
    return [problem("LF1016", { what, fix: "put both in one namespace", where })];
  }
  const ports = portsOf(app);
  const unmet = app.expose
    .map(({ port }) => routePort({ ports }, port))
    .find((port) => port && !sharedPort({ ports: portsOf(shared) }, port));
  if (!unmet) return [];
  const what = `${name} gives a share of its traffic to ${other}, which has no port for ${unmet.protocol}`;
  return [problem("LF1011", { what, fix: `give ${other} a port that speaks ${unmet.protocol}`, where })];
}
