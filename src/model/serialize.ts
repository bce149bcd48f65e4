import type { CallSite } from "./call-site.ts";
import { type AppHandle, type AppInput, type CompanyHandle, handleTag } from "./handles.ts";

/**
 * A declaration as plain data with the places it came from.
 * `tree` has the form of `companySchema`'s input; `sites` maps a key path such as `apps.cart` to the call that made it.
 */
export interface Declared {
  tree: Record<string, unknown>;
  sites: Record<string, CallSite>;
  /** Names that two different handles claim; reported as LF1008. */
  duplicates: { kind: string; name: string; first?: CallSite; second?: CallSite }[];
}

type AnyHandle = { [handleTag]: string; name: string; spec: object; site?: CallSite };

/**
 * Turn the handles a TypeScript declaration is made of into the plain tree that YAML has from the start. `estate` are
 * the apps of included files; where the declaration itself is YAML, there is no root.
 */
export function serialize(root: CompanyHandle | undefined, estate: AppHandle[] = []): Declared {
  const out: Declared = { tree: {}, sites: {}, duplicates: [] };
  const groups = new Map<string, Map<string, AnyHandle>>();

  const note = (group: string, handle: AnyHandle): void => {
    const known = groups.get(group) ?? groups.set(group, new Map()).get(group);
    const other = known?.get(handle.name);
    if (other && other !== handle) {
      out.duplicates.push({
        kind: handle[handleTag],
        name: handle.name,
        ...(other.site && { first: other.site }),
        ...(handle.site && { second: handle.site }),
      });
    } else known?.set(handle.name, handle);
    if (handle.site && !other) out.sites[`${group}.${handle.name}`] = handle.site;
  };

  const { clusters = [], parts = [], apps = [], ...rest } = root?.spec ?? {};
  if (root) out.tree = { landfall: 1, ...plain(rest, note), company: root.name };
  if (root?.site) out.sites[""] = root.site;
  const lists = { clusters, parts, apps: [...apps, ...estate] };
  for (const [group, handles] of Object.entries(lists)) {
    for (const handle of handles) note(group, handleOf(group, handle));
  }

  out.tree.clusters = mapGroup(groups.get("clusters"), (handle) => plain(handle.spec, note));
  out.tree.parts = mapGroup(groups.get("parts"), (handle) => plain(handle.spec, note));
  out.tree.apps = mapGroup(groups.get("apps"), (handle) =>
    appTree(handle as unknown as AppHandle, note, out),
  );
  for (const group of ["environments", "secrets"]) {
    out.tree[group] = mapGroup(groups.get(group), (handle) => plain(handle.spec, note));
  }
  return out;
}

/** What the types promise, for declarations that nobody has type-checked. */
function handleOf(group: string, value: unknown): AnyHandle {
  if (value !== null && typeof value === "object" && handleTag in value) return value as AnyHandle;
  throw new TypeError(`\`${group}\` of the company holds ${String(value)}, which is none of its handles`);
}

function mapGroup(
  group: Map<string, AnyHandle> | undefined,
  tree: (handle: AnyHandle) => unknown,
): Record<string, unknown> {
  return Object.fromEntries([...(group ?? [])].map(([name, handle]) => [name, named(name, tree, handle)]));
}

/** Say whose value it is; the stack no longer tells, since the call that made the handle has returned. */
function named(name: string, tree: (handle: AnyHandle) => unknown, handle: AnyHandle): unknown {
  try {
    return tree(handle);
  } catch (error) {
    if (error instanceof TooDeepError) throw new TypeError(`${name}: ${error.message}`);
    throw error;
  }
}

/** As deep as YAML may be nested. */
const mostDepth = 100;

class TooDeepError extends Error {
  override message = `a value is nested more than ${mostDepth} levels deep, or holds itself`;
}

function appTree(handle: AppHandle, note: Note, out: Declared): Record<string, unknown> {
  const { calls, on, overrides, ...rest } = handle.spec;
  const tree = plain(rest, note) as Record<string, unknown>;
  if (calls) tree.calls = convert(typeof calls === "function" ? calls() : calls, note);
  if (on) tree.on = Array.isArray(on) ? { clusters: convert(on, note) } : on;
  if (overrides) tree.overrides = patches(handle.name, overrides, note, out);
  return tree;
}

function patches(app: string, list: AppInput["overrides"], note: Note, out: Declared): unknown[] {
  return (list ?? []).map((entry, i) => {
    if (entry.site) out.sites[`apps.${app}.overrides.${i}.set`] = entry.site;
    const where =
      "environment" in entry ? { environment: convert(entry.environment, note) } : { ...entry.where };
    return { where, set: plain(entry.patch, note) };
  });
}

type Note = (group: string, handle: AnyHandle) => void;
const groupOf: Record<string, string> = { environment: "environments", secret: "secrets" };

/** Copy a value as plain data; handles inside it become the names they stand for. */
function plain(value: unknown, note: Note): Record<string, unknown> {
  return convert(value, note) as Record<string, unknown>;
}

function convert(value: unknown, note: Note, depth = 0): unknown {
  if (typeof value === "function") return undefined;
  if (value === null || typeof value !== "object") return value;
  if (depth > mostDepth) throw new TooDeepError();
  if (Array.isArray(value)) return value.map((item) => convert(item, note, depth + 1));
  if (handleTag in value) {
    const handle = value as AnyHandle;
    const group = groupOf[handle[handleTag]];
    if (group) note(group, handle);
    return handle[handleTag] === "secret"
      ? (value as unknown as { secretRef: unknown }).secretRef
      : handle.name;
  }
  if ("secretRef" in value && "of" in value) {
    convert((value.of as () => unknown)(), note);
    return value.secretRef;
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, convert(item, note, depth + 1)] as const)
      .filter(([, item]) => item !== undefined),
  );
}
