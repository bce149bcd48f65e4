/**
 * Traffic moved by hand, for teams that want no analysis: the share of an app's routes that another app answers. It is a
 * value of the declaration like any other and goes out as a release, through the same waves and gates, with the same
 * way back.
 */
import { analysedRelease } from "../../model/app-release.ts";
import { loadDeclaration } from "../../model/load.ts";
import type { Company } from "../../model/parse.ts";
import { failure } from "../../util/errors.ts";
import { requireName } from "../../util/known-name.ts";
import { companyOf } from "../bulk/proof.ts";
import { type Started, type StartOptions, startRelease } from "./start.ts";

export interface ShiftOptions extends Omit<StartOptions, "apps" | "version" | "patch" | "title"> {
  app: string;
  /** `25%` or `25`. */
  share: string;
  /** The app that answers it, or what follows the first app's name and a dash in its name. */
  to: string;
}

/**
 * Give a share of an app's traffic to another app, wave by wave. Throws LF9001 for what is no share, LF1005 for what is no
 * app, LF1019 where Flagger moves the traffic or the other app is not ready to answer, and as `startRelease` does.
 */
export async function shiftTraffic(path: string, options: ShiftOptions): Promise<Started> {
  const { app, share, to, ...rest } = options;
  const percent = percentOf(share);
  const company = companyOf(await loadDeclaration(path));
  requireName("LF1005", "app", app, Object.keys(company.spec.apps));
  const other = otherApp(company, app, to);
  refuseUnready(company, app, other);
  return startRelease(path, {
    ...rest,
    apps: [app],
    patch: { weights: { [other]: percent } },
    title: `${app} ${percent}% to ${other}`,
  });
}

function percentOf(share: string): number {
  const [, digits] = /^(\d{1,3})%?$/.exec(share) ?? [];
  if (digits !== undefined && Number(digits) <= 100) return Number(digits);
  throw failure("LF9001", {
    what: `${share} is no share of the traffic`,
    fix: "write a whole number of percent from 0% to 100%, for example 25%",
  });
}

function otherApp({ spec: { apps } }: Company, app: string, to: string): string {
  const names = Object.keys(apps);
  const found = [to, `${app}-${to}`].find((name) => name !== app && names.includes(name));
  if (found) return found;
  if (Object.hasOwn(apps[app]?.versions ?? {}, to))
    throw failure("LF1019", {
      what: `${to} is a version of ${app}, and no app that could run beside it`,
      fix: `release it: landfall release start ${app} --version ${to}; or declare an app ${app}-${to}`,
    });
  requireName("LF1005", "app", to, names);
  throw failure("LF1019", { what: `${app} cannot give a share to itself`, fix: "name the other app" });
}

/** What answers must be open to the gateway before it is given traffic, and nobody else may move the weights. */
function refuseUnready(company: Company, app: string, other: string): void {
  const views = company.viewsOf(app).map(({ spec }) => spec);
  const where = company.placeOn(app, undefined, ["release"]);
  if (views.some(({ release }) => analysedRelease(release)))
    throw failure("LF1019", {
      what: `the traffic of ${app} is moved by Flagger`,
      why: "weights that are set by hand would be undone at its next look",
      fix: `let it: landfall release start ${app} --version <version>; or declare release: { rolling: {} }, build it and shift then`,
      where,
    });
  if (views.some(({ expose }) => expose.length === 0))
    throw failure("LF1019", {
      what: `${app} has no route whose traffic could be shared`,
      why: "a share is one of the requests that come through the gateway",
      fix: `give it an \`expose\`, or shift an app that has one`,
      where: company.placeOn(app, undefined, ["expose"]),
    });
  if (views.some(({ weights }) => weights[other] === undefined))
    throw failure("LF1019", {
      what: `${other} does not answer for ${app} yet`,
      why: "its network policy must let the gateway in before it is given traffic",
      fix: `declare weights: { ${other}: 0 } for ${app}, let the clusters have it by landfall build --commit, and shift then`,
      where: company.placeOn(app, undefined, ["weights"]),
    });
}
