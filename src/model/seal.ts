import { isBuiltin, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Thrown when a declaration asks for something that differs between two evaluations. */
export class ImpureError extends Error {
  readonly code = "LF1002";
}

function impure(what: string): never {
  const error = new ImpureError(`the declaration uses ${what}`);
  throw error;
}

/** Builtins that only compute. */
const allowedBuiltins = new Set(["path", "url", "util", "assert", "punycode", "querystring"]);

/**
 * Close this process to everything that makes an evaluation differ between two runs or lets it reach outside:
 * clock, randomness, environment, network, files, other processes. Pull requests of strangers execute this file.
 * `own` is the folder of landfall itself, whose modules stay free; `aliases` maps `landfall` and `landfall/parts`.
 */
export function seal(own: string, aliases: Record<string, string>): void {
  registerHooks({
    resolve(specifier, context, next) {
      const alias = aliases[specifier];
      if (alias) return next(alias, context);
      const parent = context.parentURL?.startsWith("file:") ? fileURLToPath(context.parentURL) : "";
      const builtin = specifier.replace(/^node:/, "");
      const outside = !parent.startsWith(own) || parent.startsWith(`${own}examples/`);
      if (outside && isBuiltin(builtin) && !allowedBuiltins.has(builtin))
        impure(`the module node:${builtin}`);
      return next(specifier, context);
    },
  });
  sealClock();
  sealGlobals();
}

/** Whether the code that led here is Node's own: the first frame outside this module. */
function calledByNode(): boolean {
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  return frames.find((frame) => !frame.includes(import.meta.url))?.includes("node:internal") ?? false;
}

function sealClock(): void {
  const RealDate = Date;
  const SealedDate = function (this: unknown, ...args: unknown[]) {
    if (!new.target || args.length === 0) impure("the clock (Date)");
    return Reflect.construct(RealDate, args, new.target);
  } as unknown as DateConstructor;
  Object.defineProperty(SealedDate, "prototype", { value: RealDate.prototype });
  SealedDate.parse = RealDate.parse;
  SealedDate.UTC = RealDate.UTC;
  SealedDate.now = () => impure("the clock (Date.now)");
  globalThis.Date = SealedDate;
  Object.defineProperty(performance, "now", { value: () => impure("the clock (performance.now)") });
}

function sealGlobals(): void {
  Math.random = () => impure("randomness (Math.random)");
  for (const name of ["getRandomValues", "randomUUID"]) {
    Object.defineProperty(crypto, name, { value: () => impure(`randomness (crypto.${name})`) });
  }
  for (const name of ["fetch", "WebSocket", "EventSource"]) {
    Object.defineProperty(globalThis, name, {
      get: () => impure(`the network (${name})`),
      configurable: true,
    });
  }
  // Node itself looks things up in the environment while it loads modules; it finds it empty.
  const env = new Proxy(
    {},
    {
      get: (_target, key) =>
        calledByNode() ? undefined : impure(`the environment (process.env.${String(key)})`),
    },
  );
  const getBuiltinModule = (name: string) => impure(`the module node:${name.replace(/^node:/, "")}`);
  Object.defineProperties(process, {
    env: { value: env },
    getBuiltinModule: { value: getBuiltinModule },
    binding: { value: () => impure("process.binding") },
    dlopen: { value: () => impure("process.dlopen") },
  });
}
