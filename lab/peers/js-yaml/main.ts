/** `node main.ts apps.json OUT`: js-yaml alone, one file an app; nothing is checked. */
import { readFileSync, writeFileSync } from "node:fs";
import { dump } from "js-yaml";
import type { AppFacts } from "../app-facts.ts";
import { objectsOf } from "./objects.ts";

const [input = "", out = ""] = process.argv.slice(2);
const apps = JSON.parse(readFileSync(input, "utf8")) as AppFacts[];
// `noRefs` spares the search for repeated values, and unwrapped lines spare the folding: the fastest settings.
const options = { noRefs: true, lineWidth: -1 };
for (const app of apps) {
  writeFileSync(
    `${out}/${app.name}.yaml`,
    objectsOf(app)
      .map((object) => dump(object, options))
      .join("---\n"),
  );
}
