import type { KubernetesObject } from "../schema/object.ts";
import { blobId } from "../util/hash.ts";
import type { Spool } from "../util/spool.ts";
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

/** A class, since of ten thousand objects with getters each would carry its own. */
class RenderedContent implements Content {
  readonly digest: string;
  readonly facts: Facts;
  readonly #render: () => KubernetesObject[];
  readonly #text: string | (() => string | undefined);

  constructor(
    render: () => KubernetesObject[],
    text: string | (() => string | undefined),
    digest: string,
    facts: Facts,
  ) {
    this.#render = render;
    this.#text = text;
    this.digest = digest;
    this.facts = facts;
  }

  get objects(): KubernetesObject[] {
    return this.#render();
  }

  get text(): string {
    const kept = typeof this.#text === "string" ? this.#text : this.#text();
    return kept ?? documents(this.#render());
  }
}

/**
 * The content that `render` gives, rendered now. With a spool its text is kept there, and made anew when it is asked for
 * after the spool was closed.
 */
export function contentOf(
  objects: KubernetesObject[],
  render: () => KubernetesObject[],
  spool?: Spool,
): Content {
  const text = documents(objects);
  // Hashing also makes one flat string of the thousand pieces the text was put together from.
  const digest = blobId(text);
  return new RenderedContent(render, spool ? spool.put(text) : text, digest, factsOf(objects));
}

/** The content of a bundle that is nothing but files. */
export const noContent: Content = contentOf([], () => []);

/** Objects as one file of YAML documents. */
export function documents(objects: readonly KubernetesObject[]): string {
  let text = "";
  for (const object of objects) text += text === "" ? textOf(object) : `---\n${textOf(object)}`;
  return text;
}

/** Definitions are large, and the same objects on every cluster. */
const definitions = new WeakMap<KubernetesObject, string>();

function textOf(object: KubernetesObject): string {
  if (object.kind !== "CustomResourceDefinition") return toYaml(object);
  const known = definitions.get(object) ?? toYaml(object);
  definitions.set(object, known);
  return known;
}
