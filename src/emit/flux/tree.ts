import { blobId } from "../../util/hash.ts";

/** A file of the fleet repo. Its text may be made only when it is read; its digest is known without. */
export interface FleetFile {
  /** The id Git gives to the text. */
  readonly digest: string;
  readonly text: string;
}

/** Path in the fleet repo → file, sorted by path. */
export type FleetTree = Map<string, FleetFile>;

/** A file with this text. */
export function fileOf(text: string): FleetFile {
  let digest: string | undefined;
  return {
    text,
    get digest() {
      digest ??= blobId(text);
      return digest;
    },
  };
}
