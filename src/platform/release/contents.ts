/** What a bundle holds at one version: its files, what Flux calls them, and the workloads that prove it. */
import type { FleetTree } from "../../changes/fleet-tree.ts";
import { objectsIn } from "../../changes/manifests.ts";
import { documents } from "../../compile/content.ts";
import { objectsFile } from "../../embedded/delivery/artifact-list.ts";
import { contentRevision } from "../../embedded/delivery/tarball.ts";
import { templateAnnotation } from "../../kit/labels.ts";
import type { Content, Workload } from "../../release/index.ts";
import type { KubernetesObject } from "../../schema/object.ts";

/** The files of a content by their path in the artifact. */
export type ContentFiles = ReadonlyMap<string, string>;

/** Read the contents at some paths of a tree, all at once. */
export async function readContents(
  tree: FleetTree,
  paths: Iterable<string>,
): Promise<Map<string, ContentFiles>> {
  const wanted = [...new Set(paths)];
  const texts = await tree.read(wanted.flatMap((path) => tree.filesAt(path).map(([file]) => file)));
  const within = (path: string, file: string) => (file === path ? objectsFile : file.slice(path.length + 1));
  return new Map(
    wanted.map((path) => [
      path,
      new Map(tree.filesAt(path).map(([file]) => [within(path, file), texts.get(file) ?? ""])),
    ]),
  );
}

/** A content as a release file tells it. */
export async function contentAt(path: string, files: ContentFiles): Promise<Content> {
  const bytes = new Map([...files].map(([name, text]) => [name, Buffer.from(text)]));
  return { path, revision: await contentRevision(bytes), workloads: workloadsIn(files) };
}

const isManifest = (file: string) => /\.(ya?ml|json)$/.test(file);

interface Template {
  metadata?: { annotations?: Record<string, string> };
}

/** The workloads whose pods tell the version. */
function workloadsIn(files: ContentFiles): Workload[] {
  const objects = [...files].filter(([file]) => isManifest(file)).flatMap(([, text]) => objectsIn(text));
  const analysed = new Set(
    objects.filter(isCanary).map(({ metadata, spec }) => `${metadata.namespace}/${targetOf(spec)}`),
  );
  return objects
    .filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")
    .map(({ kind, metadata: { name, namespace = "default" }, spec }) => {
      const template = (spec as { template?: Template } | undefined)?.template;
      const digest = template?.metadata?.annotations?.[templateAnnotation];
      return {
        ...{ kind, namespace, name },
        ...(digest !== undefined && { template: digest }),
        ...(analysed.has(`${namespace}/${name}`) && { canary: true }),
      };
    });
}

/** The images of the pods in a content. */
export function imagesIn(files: ContentFiles): Set<string> {
  const texts = [...files].filter(([file]) => isManifest(file)).map(([, text]) => text);
  const specs = texts.flatMap(objectsIn).flatMap(({ spec }) => podSpecOf(spec) ?? []);
  const containers = specs.flatMap(({ containers: own = [], initContainers = [] }) => [
    ...own,
    ...initContainers,
  ]);
  return new Set(containers.flatMap(({ image }) => image ?? []));
}

interface PodSpec {
  containers?: { image?: string }[];
  initContainers?: { image?: string }[];
}

/** Of a workload, or of what makes workloads. */
function podSpecOf(spec: unknown): PodSpec | undefined {
  const { template, jobTemplate } = (spec ?? {}) as {
    template?: { spec?: PodSpec };
    jobTemplate?: { spec?: { template?: { spec?: PodSpec } } };
  };
  return template?.spec ?? jobTemplate?.spec?.template?.spec;
}

const isCanary = ({ kind, apiVersion }: KubernetesObject) =>
  kind === "Canary" && apiVersion.startsWith("flagger.app/");

const targetOf = (spec: unknown) => (spec as { targetRef?: { name?: string } } | undefined)?.targetRef?.name;

/**
 * The files as a rollback writes them: Flagger promotes them without another analysis. Undefined where no Canary is
 * among them, so that the way back is the content itself.
 */
export function withoutAnalysis(files: ContentFiles): Map<string, string> | undefined {
  const changed = [...files].flatMap(([file, text]): [string, string][] => {
    if (!isManifest(file) || !text.includes("Canary")) return [];
    const objects = objectsIn(text);
    if (!objects.some(isJudged)) return [];
    return [[file, documents(objects.map((object) => (isJudged(object) ? skipping(object) : object)))]];
  });
  return changed.length === 0 ? undefined : new Map([...files, ...changed]);
}

const isJudged = (object: KubernetesObject) =>
  isCanary(object) && (object.spec as { skipAnalysis?: boolean } | undefined)?.skipAnalysis !== true;

const skipping = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  spec: { ...(object.spec as object), skipAnalysis: true },
});

/** The whole paths of a content's files, when it lies at `path`. */
export function filesBelow(path: string, files: ContentFiles): [string, string][] {
  return [...files].map(([file, text]) => [path.endsWith(".yaml") ? path : `${path}/${file}`, text]);
}
