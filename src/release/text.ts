import { failure, LandfallError, messageOf, problem } from "../util/errors.ts";
import { type Release, releaseSchema } from "./release.ts";

/** A release file as it is written: keys in one order, so that a step's diff shows what changed. */
export function releaseText(release: Release): string {
  return `${JSON.stringify(releaseSchema.parse(release), undefined, 2)}\n`;
}

/** Read a release file. Throws LF4021 for one that is damaged or of a form that this version does not know. */
export function parseRelease(text: string, path: string): Release {
  const data = dataOf(text, path);
  const form = typeof data === "object" && data !== null && "form" in data ? data.form : undefined;
  if (typeof form === "number" && form !== 1) {
    throw failure("LF4021", {
      what: `${path} is of form ${form}, which this version of landfall does not know`,
      why: "a newer landfall wrote it",
      fix: "use the newer version of landfall here, too",
      where: { file: path },
    });
  }
  const result = releaseSchema.safeParse(data);
  if (result.success) return result.data;
  throw new LandfallError(
    result.error.issues.map(({ path: keys, message }) =>
      problem("LF4021", {
        what: `${path} is no release file`,
        why: `${keys.join(".") || "the file"}: ${message}`,
        fix: restore(path),
        where: { file: path, path: keys.join(".") },
      }),
    ),
  );
}

function dataOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure(
      "LF4021",
      { what: `${path} is damaged`, why: messageOf(error), fix: restore(path), where: { file: path } },
      error,
    );
  }
}

function restore(path: string): string {
  return `bring back the last version that landfall wrote: git log -- ${path}, then git checkout <commit> -- ${path}`;
}
