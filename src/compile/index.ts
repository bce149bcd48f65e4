/**
 * The compiler: a declaration and the registry of parts become a Plan. Each step is a pure function of what came
 * before; problems are gathered, and a step whose input could not be made whole is not run.
 * What must hold: the same declaration gives the same Plan, to the byte, on every machine.
 */
import type { Declaration } from "../model/declaration.ts";
import { loadDeclaration } from "../model/load.ts";
import { type Company, parseCompany } from "../model/parse.ts";
import { inFileOrder, LandfallError, type Problem } from "../util/errors.ts";
import type { Spool } from "../util/spool.ts";
import { imageNames } from "./image-names.ts";
import { nameProblems } from "./names.ts";
import type { Plan } from "./plan.ts";
import { checkReferences } from "./references.ts";
import { resolveClusters } from "./resolve.ts";
import { generateMissingSecrets, type MadeSecrets, readSecretFiles } from "./secret-bundles.ts";
import { localToday, waiverLedger, waiverProblems } from "./waivers.ts";
import { type ChosenPart, checkNeeds, chooseParts, type Registry } from "./wire.ts";

export interface CompileOptions {
  registry: Registry;
  /** When given, secrets that may be generated and have no value get one; called with what was made. */
  onSecretsMade?: (made: MadeSecrets) => void;
  /** Called with the declaration when it was read, before it is checked. */
  onLoaded?: (declaration: Declaration) => void;
  /** Where the texts of apps are kept, for estates that memory is too small for. */
  spool?: Spool;
  /** The day waivers are held against, e.g. `2027-01-31`. @default this machine's */
  today?: string;
}

/** Read, check and compile the declaration at `path`. Throws a LandfallError with every problem of the run. */
export async function compile(path: string, options: CompileOptions): Promise<Plan> {
  const started = performance.now();
  // The schema validator is what takes longest to load; it does so while the declaration is evaluated.
  const [declaration] = await Promise.all([loadDeclaration(path), import("./render.ts")]);
  const load = Math.round((performance.now() - started) * 10) / 10;
  options.onLoaded?.(declaration);
  const plan = await compileDeclaration(declaration, options);
  return { ...plan, timings: { load, ...plan.timings } };
}

/** Check and compile a declaration that was read. Throws a LandfallError with every problem of the run. */
export async function compileDeclaration(declaration: Declaration, options: CompileOptions): Promise<Plan> {
  const timings: Record<string, number> = {};
  const timed = async <T>(step: string, run: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await run();
    timings[step] = Math.round((performance.now() - start) * 10) / 10;
    return result;
  };
  const { renderClusters } = await import("./render.ts");
  const parsed = await timed("parse", () => parseCompany(declaration));
  const { company, parts } = await timed("wire", () => wire(parsed, options.registry));
  const { onSecretsMade } = options;
  if (onSecretsMade) await timed("secrets", async () => onSecretsMade(await generateMissingSecrets(company)));
  const images = imageNames(company);
  const clusters = await timed("resolve", () => resolveClusters(company, images));
  const secrets = readSecretFiles(company, clusters);
  const { kubernetes, domain } = company.spec;
  const waivers = waiverLedger(
    clusters.flatMap(({ apps }) => apps.map(({ name: app, declared = app }) => declared)),
  );
  const rendered = await timed("render", () =>
    renderClusters(company, clusters, parts, {
      images,
      secrets,
      checks: { kubernetes, domain, onWaived: waivers.use },
      spool: options.spool,
    }),
  );
  const problems = [
    ...secrets.problems,
    ...rendered.problems,
    ...nameProblems(company, rendered.plans, parts),
    ...waiverProblems(company, waivers.used, options.today ?? localToday()),
  ];
  throwErrors(problems);
  const { fleet, company: name } = company.spec;
  return {
    company: name,
    dir: declaration.dir,
    fleet: { url: fleet.url, branch: fleet.branch, path: fleet.path, secret: fleet.secret },
    kubernetes,
    clusters: rendered.plans,
    warnings: problems.filter(({ severity }) => severity !== "error"),
    timings,
  };
}

/** A declaration whose form, references and wiring are right; nothing is rendered. Throws as `compile` does. */
export function checkDeclaration(
  declaration: Declaration,
  registry: Registry,
): { company: Company; parts: ChosenPart[] } {
  return wire(parseCompany(declaration), registry);
}

/** References and wiring are independent, so both are checked before either stops the run. */
function wire(parsed: ReturnType<typeof parseCompany>, registry: Registry) {
  const { company } = parsed;
  if (!company) throw new LandfallError(inFileOrder(parsed.problems));
  const { chosen, problems } = chooseParts(company, registry);
  throwErrors([...parsed.problems, ...checkReferences(company), ...problems, ...checkNeeds(company, chosen)]);
  return { company, parts: chosen };
}

function throwErrors(problems: Problem[]): void {
  if (problems.some(({ severity }) => severity === "error")) throw new LandfallError(inFileOrder(problems));
}
