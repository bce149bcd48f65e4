import type { KubernetesObject } from "../schema/object.ts";
import { blobId } from "../util/hash.ts";
import { toYaml } from "../util/yaml.ts";
import { type Facts, factsOf } from "./facts.ts";

/**
 * The objects of one bundle. Bundles of clusters that get the same share one Content. Its text and facts are kept,
 * the objects are not: with 50,000 of them a Plan would not fit into memory.
 */
export interface Content {
  /** Rendered anew each time they are asked for. */
  readonly objects: KubernetesObject[];
  /** All objects as YAML documents. */
  readonly text: string;
  /** The id Git gives to the text. */
  readonly digest: string;
  readonly facts: Facts;
}

/** What is remembered of a content that was rendered and checked before. */
export interface KnownContent {
  digest: string;
  facts: Facts;
}

/** The content that `render` gives, rendered now. */
export function contentOf(objects: KubernetesObject[], render: () => KubernetesObject[]): Content {
  const text = documents(objects);
  return {
    get objects() {
      return render();
    },
    text,
    // Hashing also makes one flat string of the thousand pieces the text was put together from.
    digest: blobId(text),
    facts: factsOf(objects),
  };
}

/** The content that `render` would give, known from an earlier run. */
export function knownContent({ digest, facts }: KnownContent, render: () => KubernetesObject[]): Content {
  let text: string | undefined;
  return {
    get objects() {
      return render();
    },
    get text() {
      text ??= documents(render());
      return text;
    },
    digest,
    facts,
  };
}

/** Objects as one file of YAML documents. */
export function documents(objects: readonly KubernetesObject[]): string {
  let text = "";
  for (const object of objects) text += text === "" ? toYaml(object) : `---\n${toYaml(object)}`;
  return text;
}
