import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { failure, type LandfallError } from "../util/errors.ts";
import { checkName } from "./names.ts";

/** A secret's file: `<declaration dir>/secrets/[<environment>/]<name>.yaml`. Throws LF1015 for other names. */
export function secretPath(dir: string, name: string, environment?: string): string {
  return join(dir, "secrets", ...(environment ? [checkName(environment)] : []), `${checkName(name)}.yaml`);
}

/** Where one secret lies. Without `environment` it holds for all that have no file of their own. */
export interface SecretFile {
  name: string;
  environment?: string;
  file: string;
}

/** Every secret file of a declaration, sorted by name, then environment. Other files in the folder are left out. */
export function secretFiles(dir: string): SecretFile[] {
  const root = join(dir, "secrets");
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { withFileTypes: true });
  const environments = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = [undefined, ...environments].flatMap((environment) => {
    const folder = environment ? join(root, environment) : root;
    const names = readdirSync(folder).flatMap((file) => /^([a-z0-9-]+)\.yaml$/.exec(file)?.[1] ?? []);
    return names.map((name) => ({
      name,
      file: join(folder, `${name}.yaml`),
      ...(environment && { environment }),
    }));
  });
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return found.sort((a, b) => order(a.name, b.name) || order(a.environment ?? "", b.environment ?? ""));
}

/** LF7001 for a secret that nobody has set. */
export function noValue(name: string, environment?: string, why?: string): LandfallError {
  const option = environment ? ` --environment ${environment}` : "";
  return failure("LF7001", {
    what: `the secret ${name} has no value${environment ? ` for ${environment}` : ""}`,
    ...(why && { why }),
    fix: `landfall secret set ${name}${option}`,
  });
}
