import type { Action } from "../action.ts";
import type { Release } from "../release.ts";
import type { Head } from "./fleet.ts";
import type { World } from "./world.ts";

/** One commit of a release, with what was before it. */
export interface Landed {
  world: World;
  before: Head;
  was: Release;
  is: Release;
  action: Action;
  /** True time at which it was decided. */
  at: number;
}
