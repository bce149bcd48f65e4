import * as handles from "./part-handles.generated.ts";

/** The constants of `landfall/parts`, by the part's id. */
export const partConstants: ReadonlyMap<string, string> = new Map(
  Object.entries(handles).map(([constant, use]) => [use().name, constant]),
);
