import { parseReference } from "../../embedded/images/reference.ts";
import { NotPulled, openRepository } from "../../embedded/images/upstream.ts";
import { type Problem, problem } from "../../util/errors.ts";
import type { Edit } from "../bulk/edits.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Ask the registries for the images that a release brings. An image that is not there is an error; a registry that does
 * not answer, or does not let us look, is a warning: the clusters may well have what it needs.
 */
export async function imageProblems(edits: readonly Edit[], signal: AbortSignal): Promise<Problem[]> {
  const images = new Map<string, string>();
  for (const { app, values } of edits)
    for (const { path, to } of values) if (path === "image" && typeof to === "string") images.set(to, app);
  const found = await Promise.all([...images].map(([image, app]) => imageProblem(image, app, signal)));
  return found.flatMap((one) => one ?? []);
}

async function imageProblem(image: string, app: string, signal: AbortSignal): Promise<Problem | undefined> {
  const reference = parseReference(image);
  const unasked = (why: string): Problem => ({
    ...problem("LF4032", {
      what: `whether ${image} exists could not be asked`,
      why,
      fix: "make sure that it is there: the first wave stops when it is not",
    }),
    severity: "warning",
  });
  try {
    const ask = await openRepository(reference, { signal });
    const answer = await ask(`manifests/${reference.digest ?? reference.tag}`, manifestTypes, "HEAD");
    if (answer.ok) return undefined;
    if (answer.status !== 404) return unasked(`its registry answered ${answer.status}`);
  } catch (error) {
    if (error instanceof NotPulled) return unasked(error.message);
    throw error;
  }
  return problem("LF4032", {
    what: `the registry has no ${image}`,
    why: `${app} would get an image that no cluster can pull`,
    fix: "push it first, or name a version that is there",
  });
}
