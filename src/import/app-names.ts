import { name as nameSchema } from "../model/values.ts";

/**
 * The names of apps, one for each thing wanted: its own where it is a name of an app and no earlier one has it, else
 * with its namespace, else with a number.
 */
export function appNames(
  wanted: { name: string; namespace: string }[],
  taken: Iterable<string> = [],
): string[] {
  const used = new Set(taken);
  return wanted.map(({ name, namespace }) => {
    const plain = appName(name);
    const candidates = [plain, appName(`${plain}-${namespace}`)];
    const numbered = (n: number) => `${plain.slice(0, 45)}-${n}`;
    let chosen = candidates.find((candidate) => !used.has(candidate));
    for (let n = 2; chosen === undefined; n++) if (!used.has(numbered(n))) chosen = numbered(n);
    used.add(chosen);
    return chosen;
  });
}

/** A name as an app may have it: `2.Web_App` becomes `app-2-web-app`. */
export function appName(name: string): string {
  if (nameSchema.safeParse(name).success) return name;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return (/^[a-z]/.test(plain) ? plain : `app-${plain}`).slice(0, 50).replace(/-+$/, "");
}
