import { isOver, type Release } from "../../src/release/index.ts";
import type { Lab, LabCluster } from "./clusters.ts";
import { approver } from "./company.ts";
import { type Engine, startEngine, until } from "./engine.ts";
import { releasesOf, stepsOf } from "./fleet.ts";
import { phaseOf } from "./look.ts";

export interface Answer {
  code: number;
  /** Of the release that it is about. */
  id: string;
  /** Codes of the errors. */
  codes: string[];
  stderr: string;
}

/** Say something about releases as the approver: `release start web --version bad`. */
export async function say(lab: Lab, ...args: string[]): Promise<Answer> {
  const asked = ["release", ...args, "--by", approver, "--json"];
  const { code, stdout, stderr } = await lab.landfall(...asked);
  const { release, problems = [] } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return { code, stderr, id: release?.id, codes: problems.map((one: { code: string }) => one.code) };
}

/** Make a release and leave it to an engine; answers its id. */
export async function begin(lab: Lab, app: string, version: string, ...flags: string[]): Promise<string> {
  const { code, id, stderr } = await say(lab, "start", app, "--version", version, "--no-follow", ...flags);
  if (code !== 0) throw new Error(stderr);
  return id;
}

export async function releaseOf(lab: Lab, id: string): Promise<Release> {
  const release = (await releasesOf(lab.repo)).find((one) => one.id === id);
  if (!release) throw new Error(`the fleet has no release ${id}`);
  return release;
}

export async function over(lab: Lab, id: string): Promise<boolean> {
  return isOver(await releaseOf(lab, id));
}

/** What was done, in order, each step once: a step that is missing or there twice is an error. */
export async function actionsOf(lab: Lab, id: string): Promise<string[]> {
  const steps = await stepsOf(lab.repo, id);
  const odd = steps.find(({ step }, i) => step !== i);
  if (odd) throw new Error(`step ${odd.step} of ${id} is not the next one, in ${odd.id}`);
  return steps.map(({ action }) => action);
}

/** Let an engine run while `work` is done. */
export async function withEngine<T>(lab: Lab, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = startEngine(lab);
  try {
    return await work(engine);
  } finally {
    await engine.kill();
  }
}

/** Let an engine run until the release is over. */
export async function finish(lab: Lab, id: string, limitMs = 240_000): Promise<Release> {
  await withEngine(lab, (engine) => until(() => over(lab, id), limitMs, engine.said));
  return releaseOf(lab, id);
}

/** Until Flagger has taken the app over on every cluster. */
export async function primaries({ clusters }: Pick<Lab, "clusters">, app: string): Promise<void> {
  const all: LabCluster[] = [...clusters.values()];
  const phases = () => Promise.all(all.map((one) => phaseOf(one, app)));
  await until(async () => (await phases()).every((phase) => phase === "Initialized"), 120_000);
}
