import type { AppSpec } from "../model/app.ts";
import type { Company } from "../model/parse.ts";
import type { Place } from "../util/errors.ts";

/** One app as some clusters see it, to be checked. */
export interface Checked {
  company: Company;
  name: string;
  app: AppSpec;
  apps: Record<string, AppSpec>;
  /** Where a key path below the app was declared. */
  place: (path: (string | number)[]) => Place;
}
