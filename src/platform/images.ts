import { join } from "node:path";
import type { Plan } from "../compile/plan.ts";
import { findBinary } from "../embedded/binaries/find.ts";
import { ensureImage } from "../embedded/images/ensure.ts";
import { mirrorHosts } from "../embedded/images/mirrors.ts";
import { hasManifest, pushImage } from "../embedded/images/push.ts";
import { mirrorRepository, parseReference } from "../embedded/images/reference.ts";
import type { ClusterState, Mode } from "../embedded/types.ts";
import { type ImageRecipe, type ImageReference, programsOf } from "../kit/image.ts";
import { LandfallError, type Problem } from "../util/errors.ts";
import { imagesOf } from "./build.ts";
import { type LockedImage, updateLock } from "./lock-file.ts";

export type ImageResult = Awaited<ReturnType<typeof ensureImage>>;

interface Progress {
  say: (line: string) => void;
  signal: AbortSignal;
  /** Paths of programs the user names, by program name. */
  binaries?: Record<string, string> | undefined;
}

function references(plan: Plan): ImageReference[] {
  const all = plan.clusters.flatMap(({ images }) => images);
  return [...new Map(all.map((image) => [image.ref, image])).values()];
}

/**
 * The programs that images are made of, found or built one after the other: a Go build takes every core. Where pods
 * are simulated no image is made, but some programs run on the host.
 */
export async function preparePrograms(plan: Plan, progress: Progress & { modes: Mode[] }): Promise<string> {
  const failed = new AbortController();
  const signal = AbortSignal.any([progress.signal, failed.signal]);
  // Downloads and package installs leave the processors to the builds, so both go on at once.
  const others = progress.modes.includes("pods")
    ? references(plan).filter(({ recipe }) => recipe?.kind !== "program")
    : [];
  try {
    const [origins] = await Promise.all([
      findPrograms(plan, { ...progress, signal }),
      obtainImages(others, { ...progress, signal }),
    ]);
    return origins;
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

async function findPrograms(
  plan: Plan,
  { say, signal, binaries, modes }: Progress & { modes: Mode[] },
): Promise<string> {
  const programs = [
    ...(modes.includes("pods") ? imagePrograms(plan) : []),
    ...(modes.includes("simulated") ? ["kwok", ...hostPrograms(plan)] : []),
  ];
  const origins: Record<string, number> = {};
  for (const name of ["kube-apiserver", ...new Set(programs)]) {
    const { origin } = await findBinary(name, { onProgress: say, signal, binaries });
    origins[origin] = (origins[origin] ?? 0) + 1;
  }
  return Object.entries(origins)
    .map(([origin, count]) => `${count} from ${origin}`)
    .join(", ");
}

function imagePrograms(plan: Plan): string[] {
  return references(plan).flatMap(({ recipe }) => programsOf(recipe));
}

function hostPrograms(plan: Plan): string[] {
  return plan.clusters.flatMap(({ processes }) => processes.map(({ program }) => program));
}

const atOnce = 3;

/**
 * Have every image of the plan in the cache, a few at a time, and note in `landfall.lock` what each really is.
 * Problems of all images are reported together.
 */
export async function buildImages(plan: Plan, progress: Progress): Promise<ImageResult[]> {
  const results = await obtainImages(references(plan), progress);
  const recipes = new Map(references(plan).map(({ ref, recipe }) => [ref, recipe]));
  const locked = results.map((result): [string, LockedImage] => [
    result.ref,
    lockedImage(result, recipes.get(result.ref)),
  ]);
  updateLock(plan.dir, Object.fromEntries(locked), imagesOf(plan));
  return results;
}

async function obtainImages(
  images: ImageReference[],
  { say, signal, binaries }: Progress,
): Promise<ImageResult[]> {
  const waiting = [...images];
  const total = waiting.length;
  const results: ImageResult[] = [];
  const problems: Problem[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { ref } = next;
      const onProgress = (line: string) => say(`${results.length}/${total} ${shortName(ref)}: ${line}`);
      try {
        results.push(
          await ensureImage(next, {
            signal,
            onProgress,
            findProgram: (name) => findBinary(name, { signal, onProgress, binaries }),
          }),
        );
      } catch (error) {
        if (!(error instanceof LandfallError)) throw error;
        problems.push(...error.problems);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (problems.length > 0) throw new LandfallError(problems);
  return results;
}

function lockedImage(
  { digest, origin, substitution }: ImageResult,
  recipe: ImageRecipe | undefined,
): LockedImage {
  const lacks = origin === "built" && recipe?.kind === "program" ? recipe.lacks : undefined;
  return { digest, origin, ...(substitution && { substitution }), ...(lacks && { lacks }) };
}

/** Put the images into a cluster's registry under their upstream names, skipping what is there. */
export async function pushImages(
  images: ImageResult[],
  state: ClusterState,
  { say, signal }: Progress,
): Promise<void> {
  const registryUrl = `http://${state.nodeIp}:${state.nodePorts.registry}`;
  mirrorHosts({
    folder: join(state.folder, "containerd", "certs.d"),
    registryUrl,
    references: images.map(({ ref }) => ref),
  });
  for (const [i, { ref, image }] of images.entries()) {
    const parsed = parseReference(ref);
    const tag = parsed.tag ?? parsed.digest ?? "latest";
    const repository = mirrorRepository(parsed);
    if (await hasManifest(registryUrl, repository, tag, image, { signal })) continue;
    say(`${i + 1}/${images.length} ${shortName(ref)} to the registry`);
    await pushImage(registryUrl, image, repository, tag, { signal });
  }
}

function shortName(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}
