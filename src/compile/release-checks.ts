/**
 * What must hold for a release to be analysed: traffic that can be steered and measured. Said where the release is
 * declared, since Flagger itself would only stand still.
 */
import { releasedPort } from "../kit/released-app.ts";
import { hooksOf, namedIn } from "../model/app-hooks.ts";
import { type AnalysedRelease, analysedRelease } from "../model/app-release.ts";
import { type Place, type Problem, problem } from "../util/errors.ts";
import { routePort } from "./app-routes.ts";
import { lastingVolumes } from "./app-shape.ts";
import type { Checked } from "./checked.ts";
import { checkMetrics } from "./release-metrics.ts";
import { portsOf } from "./resolve.ts";

interface Fault {
  what: string;
  why: string;
  fix: string;
  /** Below the strategy. @default the strategy itself */
  at?: string;
}

interface Released extends Checked {
  release: AnalysedRelease;
}

/** The checks of an app's release; none where its pods are simply replaced. */
export function checkRelease(checked: Checked): Problem[] {
  const release = analysedRelease(checked.app.release);
  if (!release) return [];
  const released = { ...checked, release };
  const where = (at?: string): Place =>
    checked.place(["release", release.strategy, ...(at === undefined ? [] : [at])]);
  // Each of the first is reason enough; what follows would only repeat it.
  const [first] = [onlyRolls(released), unsteered(released)].flat();
  const faults = first ? [first] : [...mixedRoutes(released), ...shared(released), ...named(released)];
  return [
    ...faults.map(({ at, ...fault }) => problem("LF1016", { ...fault, where: where(at) })),
    ...checkHooks(checked, release),
    ...checkMetrics(checked, release),
  ];
}

/** Commands that ask for an address from outside where there is none. */
function checkHooks({ name, app, place }: Checked, { strategy, analysis }: AnalysedRelease): Problem[] {
  if (app.expose.length > 0) return [];
  return hooksOf(analysis).flatMap(({ command = "", path }) =>
    namedIn(command)
      .filter((key) => key === "gateway" || key === "host")
      .map((key) =>
        problem("LF1016", {
          what: `${name} has {{ ${key} }} in release.${[strategy, ...path].join(".")} and is not exposed`,
          why: "it has no host that the gateway knows",
          fix: "use {{ url }}, which is the new version inside the cluster, or add `expose`",
          where: place(["release", strategy, ...path]),
        }),
      ),
  );
}

/** Apps of which two versions cannot be beside each other. */
function onlyRolls({ name, app, release: { strategy } }: Released): Fault[] {
  const [volume] = lastingVolumes(app);
  if (volume)
    return [
      {
        what: `${name} keeps data in ${volume[0]} and has release.${strategy}`,
        why: "two versions would need the same volume; a StatefulSet's pods are replaced one by one",
        fix: "use `release: { rolling: {} }`, or make the volume ephemeral",
      },
    ];
  if (releasedPort({ ports: portsOf(app), spec: app })) return [];
  return [
    {
      what: `${name} has release.${strategy} and no port that anything calls`,
      why: "a worker takes work by itself, so nothing decides which version gets it",
      fix: "use `release: { rolling: {} }`, or give it the port it is called on",
    },
  ];
}

function unsteered({ name, app, release: { strategy } }: Released): Fault[] {
  if (strategy === "blueGreen" || app.expose.length > 0) return [];
  return [
    {
      what: `${name} has release.${strategy} and is not exposed`,
      why: "traffic is shared out by the gateway's route, and calls inside the cluster do not pass it",
      fix: 'add `expose`, e.g. `expose: [{ host: "app.example.com" }]`, or use release.blueGreen',
    },
  ];
}

/** One route is steered, with one port and one path. */
function mixedRoutes({ name, app }: Released): Fault[] {
  const ports = portsOf(app);
  const led = app.expose.map(({ port }) => routePort({ ports }, port)).filter((port) => port !== undefined);
  const names = [...new Set(led.map((port) => port.name))];
  const paths = [...new Set(app.expose.map(({ path }) => path))];
  const spoken = led.find(({ protocol }) => protocol !== "http")?.protocol;
  const why = "one route is steered, with one port and one path";
  const fix = "expose it at one path of one port, or use `release: { rolling: {} }`";
  return [
    ...(names.length > 1
      ? [{ what: `${name} is exposed by its ports ${names.join(" and ")}`, why, fix }]
      : []),
    ...(paths.length > 1 ? [{ what: `${name} is exposed at ${paths.join(" and ")}`, why, fix }] : []),
    ...(spoken === undefined
      ? []
      : [
          {
            what: `${name} is exposed by a port that speaks ${spoken}`,
            why: "the route that is steered is an HTTPRoute",
            fix: "expose an http port, or use `release: { rolling: {} }`",
          },
        ]),
  ];
}

function shared({ name, app }: Released): Fault[] {
  if (Object.keys(app.weights).length === 0) return [];
  return [
    {
      what: `${name} gives shares of its traffic to other apps and has an analysed release`,
      why: "both set the weights of one route",
      fix: "remove `weights`, or use `release: { rolling: {} }` while shares are given by hand",
    },
  ];
}

/** The copies that serve and are looked at have names of their own. */
function named({ company, name, app, apps }: Released): Fault[] {
  const suffix = ["-primary", "-canary"].find((end) => name.endsWith(end));
  const home = ({ namespace = company.spec.company }: { namespace?: string | undefined }) => namespace;
  const clash = ["primary", "canary"]
    .map((role) => `${name}-${role}`)
    .find((other) => apps[other] && home(apps[other]) === home(app));
  return [
    ...(suffix
      ? [
          {
            what: `${name} has an analysed release and ends in ${suffix}`,
            why: "the copies of an app are told apart by these endings",
            fix: "rename it; `moved` keeps what it has",
          },
        ]
      : []),
    ...(clash
      ? [
          {
            what: `${clash} is an app, and what the release of ${name} makes`,
            why: "both would have one Service and one Deployment",
            fix: `rename ${clash}`,
          },
        ]
      : []),
  ];
}
