import { isOver, type Release } from "../../release/index.ts";
import { endedWithout } from "../../release/order.ts";
import { type Problem, problem } from "../../util/errors.ts";

/** Why the declaration cannot be put back to what ran before a release. */
export function cannotRestore(release: Release, releases: readonly Release[]): Problem[] {
  const { id, moves, changed = [], origins, source } = release;
  if (!endedWithout(release))
    return [
      problem("LF4022", {
        what: `what ${id} set cannot be taken back: it ${isOver(release) ? `has ended as ${release.phase}` : "is not over"}`,
        why: "clusters have its values, or are still on their way back from them",
        fix: isOver(release)
          ? "landfall release history shows what runs"
          : `let it end first: landfall release status ${id}`,
      }),
    ];
  const bundles = new Set(moves.map(({ bundle }) => bundle));
  const newer = releases
    .slice(releases.findIndex((own) => own.id === id) + 1)
    .find((own) => !endedWithout(own) && own.moves.some(({ bundle }) => bundles.has(bundle)));
  if (newer)
    return [
      problem("LF4022", {
        what: `what ${id} set cannot be taken back`,
        why: `${newer.id} has moved the same since, so what came before ${id} is not what runs`,
        fix: `landfall release history ${newer.id} says what it brought`,
      }),
    ];
  if (changed.length > 0) return [];
  const places = origins.map(({ file, line }) => (line === undefined ? file : `${file}:${line}`));
  return [
    problem("LF4030", {
      what: `${id} set nothing that could be taken back`,
      why: `it released what is declared${places.length > 0 ? ` at ${places.join(", ")}` : ""}`,
      fix: `change it back there${source ? `, for example by git revert of what led to ${source.slice(0, 12)}` : ""}; landfall release acknowledge ${id} says that somebody has seen it`,
    }),
  ];
}
