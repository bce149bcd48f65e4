import type { AppSpecInput } from "../model/app.ts";

/** Apps after those they call and wait for, else by name. Where calls go in a circle, one of them comes first. */
export function inOrder(apps: Record<string, AppSpecInput>): string[] {
  const done = new Set<string>();
  const visiting = new Set<string>();
  const order: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name) || visiting.has(name)) return;
    visiting.add(name);
    const { calls = [], after = [] } = apps[name] ?? {};
    for (const other of [...after, ...calls].sort()) if (Object.hasOwn(apps, other)) visit(other);
    done.add(name);
    order.push(name);
  };
  for (const name of Object.keys(apps).sort()) visit(name);
  return order;
}
