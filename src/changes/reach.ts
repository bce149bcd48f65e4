/**
 * Who may feel the change of an app: whoever calls it, directly or through others. `callers` maps an app to the apps
 * that call it. Cycles are fine; an app does not reach itself.
 */
export function callersOf(app: string, callers: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([app]);
  const queue = [app];
  for (const next of queue) {
    for (const caller of callers.get(next) ?? []) {
      if (seen.has(caller)) continue;
      seen.add(caller);
      queue.push(caller);
    }
  }
  return queue.slice(1).sort();
}
