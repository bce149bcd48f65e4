import { podTemplateOf } from "../compile/policies/policy.ts";
import type { Fold } from "./fold-state.ts";
import { branch, branches, text } from "./source.ts";

/** The Services of all apps by every host name that pods of one namespace may use. */
export type Directory = (namespace: string, host: string) => string | undefined;

/** Finds the app behind a host name: `cart`, `cart.shop`, `cart.shop.svc`, `cart.shop.svc.cluster.local`. */
export function directory(folds: Fold[]): Directory {
  const apps = new Map<string, string>();
  for (const { app, namespace, service, headless, beside } of folds) {
    const services = [service, headless, ...beside.map(({ source }) => source)];
    for (const source of services)
      if (source?.object.kind === "Service") apps.set(`${source.object.metadata.name}.${namespace}`, app);
  }
  return (namespace, host) => {
    const plain = host
      .toLowerCase()
      .replace(/\.$/, "")
      .replace(/\.svc(\.cluster\.local)?$/, "");
    // A pod of a StatefulSet has a name of its own before the Service's.
    const tries = plain.includes(".")
      ? [plain, plain.slice(plain.indexOf(".") + 1)]
      : [`${plain}.${namespace}`];
    const known = tries.find((name) => apps.has(name));
    return known && apps.get(known);
  };
}

/** The apps whose addresses a fold's containers are given, by `host:port` or URL, in environment and arguments. */
export function callsIn(fold: Fold, find: Directory): string[] {
  const spec = branch(podTemplateOf(fold.workload.object)?.spec);
  const containers = [...branches(spec.initContainers), ...branches(spec.containers)];
  const words = containers.flatMap(({ env, command, args }) => [
    ...branches(env).map(({ value }) => text(value) ?? ""),
    ...[command, args].flatMap((list) => (Array.isArray(list) ? list.map(String) : [])),
  ]);
  const called = words.flatMap(hostsIn).map((host) => find(fold.namespace, host));
  return [...new Set(called.filter((app) => app !== undefined && app !== fold.app))].sort() as string[];
}

/** Host names that stand with a port or in a URL; a bare word is none, for many values are words. */
export function hostsIn(value: string): string[] {
  const pattern =
    /(?:[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@]*@)?([a-zA-Z0-9.-]+))|(?:^|[\s,;=@"'])([a-zA-Z][a-zA-Z0-9.-]*):\d{1,5}(?=$|[\s,;/"'])/g;
  return [...value.slice(0, 10_000).matchAll(pattern)].map(([, inUrl, withPort]) => inUrl ?? withPort ?? "");
}
