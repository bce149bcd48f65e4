/** The files that say a hand-over's steps: Kustomizations, lists of artifacts, and content that is still needed. */

import type { KubernetesObject } from "../schema/object.ts";
import { blobId } from "../util/hash.ts";
import { toYaml } from "../util/yaml.ts";
import { type FleetTree, rootBundle } from "./fleet-tree.ts";
import { parsedFiles } from "./manifests.ts";
import { releaseContent, releasePhases } from "./release-change.ts";
import { phaseKey, rootObjects, takerKey } from "./roots.ts";
import { keyOf, stepsOf } from "./steps.ts";
import type { HandOverPhase, HandOverStep } from "./types.ts";

/** A step with what its cluster gets for it. */
interface Placed extends HandOverStep {
  /** Where its content lies in the committed tree. */
  path: string;
  /** Where that content lay in the head, when it is the head's. */
  held?: string;
  /** The content where it is made for the step. */
  text?: string;
}

/** The files of all steps, by path: they stand beside the declared ones or in their place. */
export async function writeOverlay(
  head: FleetTree,
  next: FleetTree,
  steps: readonly HandOverStep[],
): Promise<Map<string, string>> {
  const write = new Map<string, string>();
  const begun = new Map((await stepsOf(head)).map((step) => [keyOf(step), step.phase]));
  const made = await madeContents(
    head,
    next,
    steps.filter((step) => begun.get(keyOf(step)) !== step.phase),
  );
  const placed = steps.map((step) =>
    place(step, { head, next, made: made.get(step), begins: begun.get(keyOf(step)) !== step.phase }),
  );
  const clusters = [...new Set(steps.map(({ cluster }) => cluster))];
  const [before, after] = [await rootObjects(head, clusters), await rootObjects(next, clusters)];
  const own = clusters.map((cluster) => `clusters/${cluster}/artifacts.json`);
  const lists = await next.read(own);
  for (const cluster of clusters) {
    const here = placed.filter((step) => step.cluster === cluster);
    write.set(
      `clusters/${cluster}/artifacts.json`,
      listText(lists.get(`clusters/${cluster}/artifacts.json`) ?? "", here),
    );
    const root = next.clusters.get(cluster)?.get(rootBundle) ?? `clusters/${cluster}/root`;
    const objects = { before: before.get(cluster) ?? [], after: after.get(cluster) ?? [] };
    for (const [path, text] of await rootOverlay(next, root, here, objects)) write.set(path, text);
  }
  for (const [path, text] of await heldFiles(head, next, placed)) write.set(path, text);
  for (const { path, text } of placed) if (text !== undefined) write.set(path, text);
  return write;
}

/** Content of the head stays where it lay, unless the declared tree has something else there. */
function place(
  step: HandOverStep,
  {
    head,
    next,
    made,
    begins,
  }: { head: FleetTree; next: FleetTree; made: string | undefined; begins: boolean },
): Placed {
  const { cluster, bundle, phase } = step;
  const held = head.clusters.get(cluster)?.get(bundle);
  const declared = next.clusters.get(cluster)?.get(bundle);
  if (made !== undefined)
    return {
      ...step,
      path: `hand-over/${bundle}-${blobId(made).slice(0, 8)}.yaml`,
      text: made,
      ...(held !== undefined && { held }),
    };
  const asDeclared = phase === "drop" || (phase === "adopt" && begins);
  if (asDeclared || held === undefined) return { ...step, path: declared ?? held ?? "" };
  const there = next.contentOf(held);
  if (there === "" || there === head.contentOf(held)) return { ...step, path: held, held };
  const suffix = head.filesAt(held)[0]?.[0] === held ? ".yaml" : "";
  return {
    ...step,
    path: `hand-over/${bundle}-${blobId(head.contentOf(held)).slice(0, 8)}${suffix}`,
    held,
  };
}

/** The contents that steps begin with and that neither tree has. */
async function madeContents(head: FleetTree, next: FleetTree, steps: readonly HandOverStep[]) {
  const made = new Map<HandOverStep, string>();
  const own = steps.filter(({ phase }) => releasePhases.has(phase));
  const objectsAt = async (tree: FleetTree, { cluster, bundle }: HandOverStep) => {
    const path = tree.clusters.get(cluster)?.get(bundle) ?? "";
    const files = tree.filesAt(path);
    return tree.objectsAt(path) ?? files.flatMap(await parsedFiles(tree, files));
  };
  for (const step of own) {
    const text = releaseContent(step.phase, await objectsAt(head, step), await objectsAt(next, step));
    if (text !== undefined) made.set(step, text);
  }
  return made;
}

async function heldFiles(head: FleetTree, next: FleetTree, placed: readonly Placed[]) {
  const wanted = new Map<string, string>();
  for (const { held, path, text } of placed) {
    if (held === undefined || text !== undefined || (held === path && next.contentOf(path) !== "")) continue;
    for (const [file] of head.filesAt(held)) wanted.set(path + file.slice(held.length), file);
  }
  const texts = await head.read([...wanted.values()]);
  return [...wanted].map(([path, file]) => [path, texts.get(file) ?? ""] as const);
}

/** The cluster's list of artifacts with the paths of the steps; one artifact a line, as the declared one has it. */
function listText(text: string, steps: readonly Placed[]): string {
  const list = JSON.parse(text) as { artifacts: { name: string; path: string; with?: string[] }[] };
  const own = new Set(steps.filter(changesKustomization).map(({ bundle }) => `delivery/${bundle}.yaml`));
  for (const { bundle, path } of steps) {
    const known = list.artifacts.find(({ name }) => name === bundle);
    if (known) known.path = path;
    else list.artifacts.push({ name: bundle, path });
  }
  const artifacts = list.artifacts.map(({ with: shared, ...artifact }) => {
    const left = shared?.filter((path) => !own.has(path)) ?? [];
    return { ...artifact, ...(left.length > 0 && { with: left }) };
  });
  return `{ "artifacts": [\n${artifacts.map((artifact) => `  ${JSON.stringify(artifact)}`).join(",\n")}\n] }\n`;
}

const changesKustomization = ({ phase }: HandOverStep) => phase !== "scale";

interface RootObjects {
  before: readonly KubernetesObject[];
  after: readonly KubernetesObject[];
}

/** The Kustomizations of the steps in a file of their own, and the declared ones without them. */
async function rootOverlay(next: FleetTree, root: string, steps: readonly Placed[], objects: RootObjects) {
  const bundles = new Set(steps.filter(changesKustomization).map(({ bundle }) => bundle));
  const changed = steps.flatMap((step) => kustomizationOf(step, objects) ?? []);
  const files = next.filesAt(root).map(([path]) => path);
  const texts = await next.read(files);
  const overlay = new Map<string, string>();
  if (changed.length > 0) overlay.set(`${root}/hand-over.yaml`, changed.map(toYaml).join("---\n"));
  for (const path of files) {
    const text = texts.get(path) ?? "";
    const edited = editFor(path)?.(text, bundles, steps, objects) ?? text;
    if (edited !== text) overlay.set(path, edited);
  }
  return overlay;
}

type Edit = (text: string, bundles: Set<string>, steps: readonly Placed[], objects: RootObjects) => string;

function editFor(path: string): Edit | undefined {
  if (path.endsWith("/kustomizations.yaml")) return withoutDocuments;
  if (path.endsWith("/kustomization.yaml")) return withoutResources;
  return path.endsWith("/artifacts.yaml") ? withArtifacts : undefined;
}

function withoutDocuments(text: string, bundles: Set<string>): string {
  return text
    .split(/^---\n/m)
    .filter((document) => !bundles.has(/^ {2}name: "?([^"\n]+)"?$/m.exec(document)?.[1] ?? ""))
    .join("---\n");
}

function withoutResources(text: string, bundles: Set<string>): string {
  if (bundles.size === 0) return text;
  const lines = text.split("\n");
  const kept = lines.filter(
    (line) => !bundles.has(/^\s*- .*\bdelivery\/([^/]+)\.yaml"?$/.exec(line)?.[1] ?? ""),
  );
  const at = kept.findIndex((line) => /^resources:/.test(line));
  const indent = /^(\s*)- /.exec(kept[at + 1] ?? "")?.[1] ?? "  ";
  return kept.toSpliced(at + 1, 0, `${indent}- hand-over.yaml`).join("\n");
}

interface Generator extends KubernetesObject {
  spec: { artifacts: { name: string; copy: { from: string; to: string }[] }[] };
}

/** Where Flux splits the artifacts off a Git repository itself: the entries of the steps as the head has them. */
function withArtifacts(
  text: string,
  _: Set<string>,
  steps: readonly Placed[],
  { before, after }: RootObjects,
): string {
  const isGenerator = (object: KubernetesObject): object is Generator => object.kind === "ArtifactGenerator";
  const entries = before.filter(isGenerator).flatMap(({ spec }) => spec.artifacts);
  const held = steps.flatMap((step) => {
    const entry = entries.find(({ name }) => name === step.bundle);
    if (!entry || step.held === undefined) return [];
    const copy = entry.copy.map(({ from, to }) => ({
      from: from.replace(step.held as string, step.path),
      to,
    }));
    return [{ ...entry, copy }];
  });
  if (held.length === 0) return text;
  const replaced = new Set(held.map(({ name }) => name));
  const generators = after.filter(isGenerator).map((generator, i) => {
    const declared = generator.spec.artifacts.filter(({ name }) => !replaced.has(name));
    return {
      ...generator,
      spec: { ...generator.spec, artifacts: i === 0 ? [...declared, ...held] : declared },
    };
  });
  return generators.map(toYaml).join("---\n");
}

function kustomizationOf(step: Placed, { before, after }: RootObjects): KubernetesObject | undefined {
  const named = ({ kind, metadata }: KubernetesObject) =>
    kind === "Kustomization" && metadata.name === step.bundle;
  if (step.phase === "scale") return undefined;
  const object = (step.phase === "orphan" ? before : after).find(named);
  if (!object) return undefined;
  const annotations = {
    ...object.metadata.annotations,
    [phaseKey]: step.phase,
    ...(step.to.length > 0 && { [takerKey]: step.to.join(",") }),
  };
  const metadata = { ...object.metadata, annotations };
  return { ...object, metadata, spec: { ...(object.spec as object), ...settings[step.phase] } };
}

/** Suspended, it neither applies old content nor removes anything when it goes. */
const settings: Partial<Record<HandOverPhase, object>> = {
  orphan: { prune: false, deletionPolicy: "Orphan", suspend: true },
  hold: { prune: false, suspend: true },
  drop: { prune: false },
};
