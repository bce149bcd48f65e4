/**
 * Closes the process that evaluates a declaration to everything that differs between two evaluations or reaches
 * outside: clock, timers, randomness, environment, network, files, other processes. Pull requests of strangers
 * execute the declaration. Three walls, each meant to hold alone:
 * 1. the process is started with Node's permission model and an empty environment (`evaluate-child.ts`): it cannot
 *    write, start processes or threads, load native code, or read outside the project;
 * 2. modules: only ES modules and JSON of the project and its packages load, no builtin but those that compute,
 *    and of landfall only what a declaration imports;
 * 3. globals: those of the language stay, everything of the host goes or throws.
 *
 * What it does not keep out: where the project lies on the disk (`import.meta.url`, `path.resolve`) and the
 * version of Node can be seen; other files of the project can be imported as JSON or modules; memory outside the
 * heap is bounded by the machine only. The evaluation's result is data to its reader, never trusted.
 */
import { readFileSync } from "node:fs";
import { isBuiltin, registerHooks, stripTypeScriptTypes } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { CallSite } from "./call-site.ts";

/** Thrown when a declaration asks for something that differs between two evaluations. */
export class ImpureError extends Error {
  readonly code = "LF1002";
}

function impure(what: string): never {
  throw new ImpureError(`the declaration uses ${what}`);
}

/** Where modules may come from. Folders end with a slash. */
export interface Sealing {
  /** The folder of landfall itself: of it, only `aliases` may be imported. */
  own: string;
  /** The folder of the project that the declaration belongs to. */
  project: string;
  /** The declaration's folder; free even where it lies inside landfall's own, as the examples do. */
  folder: string;
  /** The URLs of `landfall` and `landfall/parts`; loaded before, so that they need nothing any more. */
  aliases: Record<string, string>;
  /** Told of each module's URL before it loads. */
  loading: (url: string) => void;
  /** Told when what is evaluated depends on more than the modules that load: packages, links, what is not there. */
  depending: () => void;
}

/** Close this process. There is no way back. */
export function seal(sealing: Sealing): void {
  // Node loads this once and needs globals for it that are about to go.
  stripTypeScriptTypes("");
  // What the checks below stand on must not be replaced by what they check.
  for (const { prototype } of [Array, Map, Set, String, RegExp, Function, Promise, URL])
    Object.freeze(prototype);
  sealModules(sealing);
  sealGlobals();
  sealDate();
  // Memory that was used before would be random; Node's own type stripping needs the rest of Buffer.
  for (const name of ["allocUnsafe", "allocUnsafeSlow"])
    Object.defineProperty(Buffer, name, { value: (size: number) => Buffer.alloc(size) });
  Object.defineProperty(Buffer, "poolSize", { value: 0 });
  Math.random = () => impure("randomness (Math.random)");
  Object.defineProperty(Intl, "DateTimeFormat", { value: trap("the clock", "Intl.DateTimeFormat") });
  Object.defineProperty(URL, "createObjectURL", { value: trap("randomness", "URL.createObjectURL") });
}

const importSites = new WeakMap<Error, CallSite | undefined>();

/** Where the import stands that an error came from; the engine does not say. */
export function importSiteOf(error: unknown): CallSite | undefined {
  return error instanceof Error ? importSites.get(error) : undefined;
}

function importSite(specifier: string, parent: string | undefined): CallSite | undefined {
  if (!parent?.startsWith("file:")) return undefined;
  const file = fileURLToPath(parent);
  const lines = readFileSync(file, "utf8").split("\n");
  const quoted = new RegExp(`["'\`]${specifier.replace(/[^\w/-]/g, "\\$&")}["'\`]`);
  const index = lines.findIndex((line) => quoted.test(line));
  return index < 0 ? undefined : { file, line: index + 1, column: (lines[index]?.search(quoted) ?? 0) + 1 };
}

const RealUrl = URL;

/** The URL that a path or URL names by itself; undefined for a package's name, which leads wherever it is installed. */
function relativeUrl(specifier: string, parent: string | undefined): string | undefined {
  return /^(\.{0,2}\/|file:)/.test(specifier) ? new RealUrl(specifier, parent).href : undefined;
}

/** Builtins that only compute. */
const computing = new Set(["path", "path/posix", "url", "util", "assert", "assert/strict", "querystring"]);

function sealModules({ own, project, folder, aliases, loading, depending }: Sealing): void {
  const known = new Map(Object.entries(aliases));
  const free = new Set(known.values());
  const resolveOpen = <R extends { url: string }>(specifier: string, next: () => R): R => {
    const builtin = specifier.replace(/^node:/, "");
    if (isBuiltin(specifier) && !computing.has(builtin)) impure(`the module node:${builtin}`);
    const result = next();
    if (free.has(result.url) || !result.url.startsWith("file:")) return result;
    const path = fileURLToPath(result.url);
    if (/\.c[jt]s$/.test(path)) impure(`the CommonJS module ${path}`);
    if (path.startsWith(folder)) return result;
    if (path.startsWith(own)) impure(`${path.slice(own.length)}, a module of landfall's own`);
    if (!path.startsWith(project) && !path.includes("/node_modules/"))
      impure(`${path}, a file outside its project`);
    return result;
  };
  registerHooks({
    resolve(specifier, context, next) {
      const alias = known.get(specifier);
      if (alias) return { url: alias, shortCircuit: true };
      try {
        const result = resolveOpen(specifier, () => next(specifier, context));
        if (!isBuiltin(specifier) && result.url !== relativeUrl(specifier, context.parentURL)) depending();
        return result;
      } catch (error) {
        depending();
        if (error instanceof Error) importSites.set(error, importSite(specifier, context.parentURL));
        throw error;
      }
    },
    load(url, context, next) {
      if (url.startsWith("file:")) loading(url);
      if (!url.startsWith("file:")) return next(url, context);
      // CommonJS would hand out `module`, and with it Node's loader.
      if (context.format?.startsWith("commonjs")) impure(`the CommonJS module ${fileURLToPath(url)}`);
      const format = context.format ?? (url.endsWith(".ts") ? "module-typescript" : "module");
      return next(url, { ...context, format });
    },
  });
}

/** The globals that stay: the language's own that compute, and a few of the host's that do the same. */
const staying = new Set(
  `Object Function Array Number Boolean String Symbol BigInt Promise RegExp Date Math JSON Intl Reflect Proxy
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError
  DisposableStack AsyncDisposableStack Map Set WeakMap WeakSet Iterator ArrayBuffer DataView Int8Array Uint8Array
  Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array
  Float32Array Float64Array globalThis global undefined NaN Infinity parseFloat parseInt isFinite isNaN eval
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape WebAssembly
  URL URLSearchParams TextEncoder TextDecoder structuredClone queueMicrotask atob btoa Buffer`.split(/\s+/),
);

/** Globals that people would reach for, with what is wrong about them. Any other just is not there. */
const trapped: Record<string, string> = {
  process: "the process it runs in",
  performance: "the clock",
  crypto: "randomness",
  fetch: "the network",
  WebSocket: "the network",
  EventSource: "the network",
  setTimeout: "a timer",
  setInterval: "a timer",
  setImmediate: "a timer",
};

function sealGlobals(): void {
  for (const name of Reflect.ownKeys(globalThis)) {
    if (typeof name === "symbol" || staying.has(name)) continue;
    // Some of Node's globals load on first touch, so each is removed before another takes its place.
    Reflect.deleteProperty(globalThis, name);
    const what = trapped[name];
    if (what) Object.defineProperty(globalThis, name, { value: trap(what, name), configurable: true });
  }
  // Node's console would hand out its streams, which are sockets.
  const silent = () => undefined;
  const methods = ["log", "info", "debug", "warn", "error", "trace", "dir", "table", "group", "groupEnd"];
  const console = Object.fromEntries(methods.map((method) => [method, silent]));
  Object.defineProperty(globalThis, "console", { value: console, configurable: true });
  // Node looks things up in the real one while it loads modules.
  Object.defineProperty(process, "env", { value: {} });
}

/** A value any use of which throws; `typeof` sees a function. */
function trap(what: string, name: string): unknown {
  const named = (key: string | symbol) => (typeof key === "symbol" ? name : `${name}.${key}`);
  const use = () => impure(`${what} (${name})`);
  const handler: ProxyHandler<() => void> = { apply: use, construct: use, ownKeys: use, set: use };
  handler.get = (_target, key) => {
    if (name === "process" && key === "env") return environment;
    return impure(`${what} (${named(key)})`);
  };
  handler.has = use;
  // Only a function of this kind passes a `new` on to the handler.
  return new Proxy(function trapped() {}, handler);
}

const readsEnvironment = (key: string | symbol) =>
  impure(`the environment (process.env${typeof key === "string" ? `.${key}` : ""})`);
const environment = new Proxy(
  {},
  {
    get: (_target, key) => readsEnvironment(key),
    has: (_target, key) => readsEnvironment(key),
    ownKeys: () => readsEnvironment(Symbol()),
  },
);

/** `new Date(…)` of a given time computes; asking for the present throws. */
function sealDate(): void {
  const RealDate = Date;
  const SealedDate = function (this: unknown, ...args: unknown[]) {
    if (!new.target || args.length === 0) impure("the clock (Date)");
    return Reflect.construct(RealDate, args, new.target);
  } as unknown as DateConstructor;
  Object.defineProperty(SealedDate, "prototype", { value: RealDate.prototype });
  Object.defineProperty(RealDate.prototype, "constructor", { value: SealedDate });
  SealedDate.parse = RealDate.parse;
  SealedDate.UTC = RealDate.UTC;
  SealedDate.now = () => impure("the clock (Date.now)");
  globalThis.Date = SealedDate;
}
