import type { Cell } from "./cell.ts";
import type { EditRow } from "./edits.ts";
import type { EstateRow } from "./estate.ts";
import type { HotFunction } from "./profile.ts";
import type { Proof } from "./prove.ts";

/** What `bench/results/compile.json` holds. */
export interface CompileResult {
  machine: object;
  loadAfter: number;
  limitSeconds: number;
  /** Numbers of apps, ascending. */
  sizes: number[];
  minutes: number;
  proof: Proof;
  tools: { id: string; title: string; version: string; ours: boolean; settings: string; checks: string }[];
  cells: Cell[];
  edits: EditRow[];
  estate?: EstateRow | undefined;
  profile: HotFunction[];
}

/** The cell of a tool, if it was run. */
export function cellAt(result: CompileResult, tool: string, apps: number, place: string): Cell | undefined {
  return result.cells.find((cell) => cell.tool === tool && cell.apps === apps && cell.place === place);
}

/** The median of a cell in seconds; undefined when it was cut off or not run. */
export function medianOf(cell: Cell | undefined): number | undefined {
  return cell && cell.ms !== "over" ? cell.ms.median / 1000 : undefined;
}
