import type { AppSpecInput } from "../model/app.ts";

type Apps = Record<string, AppSpecInput>;

/** Apps after those they wait for, and after those they call where calls do not go in a circle; else by name. */
export function inOrder(apps: Apps): string[] {
  const done = new Set<string>();
  const order: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const { calls = [], after = [] } = apps[name] ?? {};
    for (const other of [...after, ...calls].sort()) if (Object.hasOwn(apps, other)) visit(other);
    order.push(name);
  };
  for (const name of Object.keys(apps).sort()) visit(name);
  return afterWaits(apps, order);
}

/** The same order with apps moved back behind those they wait for, which a circle of calls may have put later. */
function afterWaits(apps: Apps, order: string[]): string[] {
  const placed = new Set<string>();
  const visit = (name: string): void => {
    if (placed.has(name)) return;
    for (const other of apps[name]?.after ?? []) if (Object.hasOwn(apps, other)) visit(other);
    placed.add(name);
  };
  for (const name of order) visit(name);
  return [...placed];
}
