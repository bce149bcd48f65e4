import type { Plan } from "../../compile/plan.ts";
import { parseReference } from "../../embedded/images/reference.ts";
import { NotPulled, openRepository } from "../../embedded/images/upstream.ts";
import { type Problem, problem } from "../../util/errors.ts";
import { localClusters } from "../local-cluster.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Ask the registries for the images that a release brings. An image that is not there is an error. A registry that does
 * not let us look is a warning: the clusters may well have what it needs. So is one that does not answer, unless the
 * version was `typed` just now: then nothing has ever shown that it is one. What landfall makes for clusters of this
 * machine is not asked for, since it makes it before the release begins.
 */
export async function imageProblems(
  plan: Plan,
  images: ReadonlyMap<string, ReadonlySet<string>>,
  { typed, signal }: { typed: boolean; signal: AbortSignal },
): Promise<Problem[]> {
  const made = new Set(
    plan.clusters.flatMap((cluster) => cluster.images.flatMap(({ ref, recipe }) => (recipe ? ref : []))),
  );
  const local = new Set(localClusters(plan).map(({ name }) => name));
  const asked = [...images].filter(
    ([image, on]) => !made.has(image) || [...on].some((name) => !local.has(name)),
  );
  const found = await Promise.all(asked.map(([image]) => imageProblem(image, typed, signal)));
  return found.flatMap((one) => one ?? []);
}

async function imageProblem(
  image: string,
  typed: boolean,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const reference = parseReference(image);
  const unasked = (why: string): Problem => ({
    ...problem("LF4032", {
      what: `whether ${image} exists could not be asked`,
      why,
      fix: "make sure that it is there: the first wave stops when it is not",
    }),
    severity: "warning",
  });
  const unreached = (why: string) => (typed ? unproven(image, why) : unasked(why));
  try {
    const ask = await openRepository(reference, { signal });
    const answer = await ask(`manifests/${reference.digest ?? reference.tag}`, manifestTypes, "HEAD");
    if (answer.ok) return undefined;
    const said = `its registry answered ${answer.status}`;
    if ([401, 403].includes(answer.status)) return unasked(said);
    if (answer.status !== 404) return unreached(said);
  } catch (error) {
    if (error instanceof NotPulled) return (error.wantsLogin ? unasked : unreached)(error.message);
    throw error;
  }
  return problem("LF4032", {
    what: `the registry has no ${image}`,
    why: "clusters would get an image that none of them can pull",
    fix: "push it first, or name a version that is there",
  });
}

function unproven(image: string, why: string): Problem {
  return problem("LF4032", {
    what: `whether ${image} exists could not be asked`,
    why: `its registry cannot be reached from here: ${why}`,
    fix: "correct the version if it is mistyped, or run this where the registry answers; --unchecked takes it as it is",
  });
}
