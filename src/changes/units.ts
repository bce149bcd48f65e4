import { canonicalJson } from "../util/hash.ts";
import { costOf, scaleCost, sumCost } from "./cost.ts";
import type { LoadedGroup } from "./moves.ts";
import { identity, objectChanges, restartsOf } from "./objects.ts";
import { releaseChanges } from "./release-change.ts";
import type { Mark, ObjectChange, Objects, UnitChange, UnitKind } from "./types.ts";

/** What is told of a group; nothing when it is no change. */
export function unitOf(group: LoadedGroup): UnitChange[] {
  const { bundle, clusters, delivery, kept, now, takes, renames } = group;
  const given = new Set(group.gives.map(identity));
  const lent = releaseChanges(group.old, now).flatMap((change) => change.lent.map(identity));
  const goesOn = new Set([...given, ...lent]);
  const old = [...group.old.filter((object) => !goesOn.has(identity(object))), ...[...takes.values()].flat()];
  const from = renames ? ownerOfBundle(renames.bundle) : undefined;
  const rest = renames ? leftBehind(renames as LoadedGroup, takes) : [];
  // Whoever hands objects over prunes nothing meanwhile, so what goes at the same time stays on the cluster.
  const objects = objectChanges([...old, ...rest], now, kept || renames !== undefined || given.size > 0);
  const action = actionOf(group, objects);
  // What another bundle has now is no change of this one, unless nothing else is left of it.
  if (objects.length === 0 && delivery.length === 0 && action === "change" && given.size === 0) return [];
  const cost = {
    before: scaleCost(costOf([...old, ...rest]), clusters.length),
    after: scaleCost(costOf(now), clusters.length),
  };
  return [
    {
      bundle,
      ...ownerOfBundle(bundle),
      action,
      ...(from && { from: from.owner }),
      clusters: [...clusters].sort(),
      objects,
      delivery,
      cost,
      restarts: restartsOf(old, now) * clusters.length,
      marks: unitMarks(group),
    },
  ];
}

/** Objects of a renamed bundle that its new name does not have. */
function leftBehind(giver: LoadedGroup, takes: LoadedGroup["takes"]): Objects {
  const taken = new Set((takes.get(giver.bundle) ?? []).map(identity));
  return giver.old.filter((object) => !taken.has(identity(object)));
}

function actionOf(group: LoadedGroup, objects: ObjectChange[]): UnitChange["action"] {
  if (group.renames) return "rename";
  if (group.before === undefined) return "create";
  if (group.after === undefined) return group.kept ? "orphan" : "delete";
  return objects.some(({ action }) => action === "replace") ? "replace" : "change";
}

function unitMarks({ takes, gives, renames, bundle }: LoadedGroup): Mark[] {
  const marks: Mark[] = [];
  for (const [from, objects] of takes) {
    const what = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const shown = what.length > 3 ? `${what.length} objects` : what.join(", ");
    const text = renames
      ? `${from} hands its objects to ${bundle} in steps: nothing is removed and made anew`
      : `${shown} of ${from} belong to ${bundle} from now on, handed over in steps`;
    marks.push({ level: "warning", text });
  }
  if (gives.length > 0)
    marks.push({ level: "warning", text: `${gives.length} of its objects go to other bundles` });
  return marks;
}

const kinds: UnitKind[] = ["app", "part", "secrets"];

/** `app-cart` is the app `cart`. */
export function ownerOfBundle(bundle: string): { kind: UnitKind; owner: string } {
  const kind = kinds.find((known) => bundle.startsWith(`${known}-`));
  return kind ? { kind, owner: bundle.slice(kind.length + 1) } : { kind: "cluster", owner: bundle };
}

/** Variants that change alike are one change on all their clusters. */
export function merged(units: UnitChange[]): UnitChange[] {
  const alike = Map.groupBy(units, ({ bundle, action, from, objects, delivery, marks }) =>
    canonicalJson([bundle, action, from, objects, delivery, marks]),
  );
  return [...alike.values()].map((same) => ({
    ...(same[0] as UnitChange),
    clusters: same.flatMap(({ clusters }) => clusters).sort(),
    cost: {
      before: sumCost(same.map(({ cost }) => cost.before)),
      after: sumCost(same.map(({ cost }) => cost.after)),
    },
    restarts: same.reduce((sum, { restarts }) => sum + restarts, 0),
  }));
}
