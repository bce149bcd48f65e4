import type { Release } from "./release.ts";

/** Where an artifact of a cluster shall point: the file or folder that a bundle's content is read from. */
export interface Pointer {
  cluster: string;
  bundle: string;
  path: string;
}

/**
 * - `start`: a queued release begins
 * - `advance`: clusters of the present wave are told to move
 * - `prove`: what clusters report is written down: updated, skipped, away, back again
 * - `pass`: the gates of the wave hold, the next wave is the present one
 * - `rebase`: what clusters have is no longer what a queued release was made from. The engine does not know contents:
 *   the store makes `moves` anew from what `lastGood` says (their `from`, `back` and clusters), and its contents
 * - `pause`: too many clusters are away, somebody changed pointers by hand, or a person asks
 * - `resume`: what it was paused for is over, or a person asks
 * - `halt`: a cluster or gate failed; no cluster is told to move any more
 * - `return`: clusters are told to go back
 * - `finish`: all is where it shall stay, contents move to their settled places
 * - `supersede`: a newer release takes over what this one moved
 * - `approve`, `abort`, `rollback`, `acknowledge`: a person's
 */
export type ActionKind =
  | "rebase"
  | "start"
  | "advance"
  | "prove"
  | "pass"
  | "pause"
  | "resume"
  | "halt"
  | "return"
  | "finish"
  | "supersede"
  | "approve"
  | "abort"
  | "rollback"
  | "acknowledge";

/** One step of one release, and one commit: the release file as it is afterwards, and what clusters shall read. */
export interface Action {
  kind: ActionKind;
  /** The file after this step; its `step` is one more than before. */
  release: Release;
  pointers: readonly Pointer[];
  /** Contents move to where `build` writes them: those of `to`, or those of `from` after a rollback. */
  settle: "to" | "from" | undefined;
}
