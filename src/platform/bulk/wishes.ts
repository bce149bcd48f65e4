import type { AppSpec } from "../../model/app.ts";
import { failure } from "../../util/errors.ts";

export type Patch = Record<string, unknown>;

/** What a wish makes of an app as some clusters see it: a patch, nothing because it has no such thing, or a refusal. */
export type Answer = { patch: Patch } | { without: string } | { refused: string };

/** One value that was asked for. */
export interface Wish {
  /** The only app it is for. */
  app?: string;
  /** `LOG_LEVEL=debug` */
  title: string;
  on(spec: AppSpec): Answer;
}

const kinds = { image, version, env, config, replicas, weight };
export type WishKind = keyof typeof kinds;
export const wishKinds = Object.keys(kinds) as WishKind[];

/** Read the values of `landfall set <kind> <values…>`. Throws LF9001 with the form a kind has. */
export function readWishes(kind: WishKind, values: string[]): Wish[] {
  if (values.length > 1 && (kind === "version" || kind === "replicas"))
    throw wrong(`an app has one ${kind}, not ${values.join(" and ")}`, "give one value");
  return values.map((value) => kinds[kind](value));
}

const wrong = (what: string, fix: string) => failure("LF9001", { what, fix });
const fromSource = "it is built from source";

function image(value: string): Wish {
  const [, app, reference = ""] = value.match(/^(?:([a-z][-a-z0-9]*)=)?([^=\s]+)$/) ?? [];
  if (!/(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(reference))
    throw wrong(`${value} is no image with a version`, "write web=registry.example.com/web:1.2.3");
  const on = ({ source }: AppSpec): Answer =>
    source ? { without: fromSource } : { patch: { image: reference } };
  return { ...(app !== undefined && { app }), title: value, on };
}

function version(value: string): Wish {
  if (!/^(\w[\w.-]{0,127}|sha256:[0-9a-f]{64})$/.test(value))
    throw wrong(`${value} is no version`, "write 1.2.3, or sha256: and a digest");
  const on = ({ image: current }: AppSpec): Answer =>
    current === undefined ? { without: fromSource } : { patch: { image: withVersion(current, value) } };
  return { title: value, on };
}

/** The image with another tag or digest. */
function withVersion(image: string, value: string): string {
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return `${name}${value.startsWith("sha256:") ? "@" : ":"}${value}`;
}

function env(value: string): Wish {
  const [, name = "", removed, text = ""] = value.match(/^([A-Za-z_][A-Za-z0-9_]*)(?:(-)$|=(.*)$)/s) ?? [];
  if (name === "")
    throw wrong(`${value} is no variable`, "write LOG_LEVEL=debug, or LOG_LEVEL- to remove it");
  const on = ({ env: current }: AppSpec): Answer => {
    const now = current[name];
    if (removed)
      return now === undefined ? { without: `it has no ${name}` } : { patch: { env: { [name]: null } } };
    if (typeof now === "object" && "secret" in now)
      return {
        refused: `${name} is the secret ${now.secret}; set it with landfall secret set ${now.secret}`,
      };
    return { patch: { env: { [name]: text } } };
  };
  return { title: value, on };
}

function config(value: string): Wish {
  const [, file = "", path = "", text = ""] = value.match(/^([-._a-zA-Z0-9]+)#([^=]+)=(.*)$/s) ?? [];
  if (file === "" || path.split(".").includes(""))
    throw wrong(`${value} is no value of a config file`, "write app.json#cache.ttl=30s");
  const content = jsonOr(text);
  const on = ({ config: current }: AppSpec): Answer => {
    const now = current[file];
    if (now === undefined) return { without: `it has no config file ${file}` };
    if (typeof now === "string") return { refused: `${file} is text; its keys are not known` };
    const patch = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), content);
    return { patch: { config: { [file]: patch } } };
  };
  return { title: value, on };
}

/** A value as JSON where it is some, else as text. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function replicas(value: string): Wish {
  const [, min = "", max = min] = value.match(/^(\d{1,5})(?:\.\.(\d{1,5}))?$/) ?? [];
  if (min === "" || Number(min) < 1 || Number(max) < Number(min))
    throw wrong(`${value} is no number of pods`, "write 3, or 3..12 for an autoscaler");
  return { title: value, on: () => ({ patch: { scale: { min: Number(min), max: Number(max) } } }) };
}

function weight(value: string): Wish {
  const [, other = "", removed, percent = ""] = value.match(/^([a-z][-a-z0-9]*?)(?:(-)$|=(\d{1,3})$)/) ?? [];
  if (other === "" || Number(percent) > 100)
    throw wrong(`${value} is no share of the traffic`, "write web-v2=25 in percent, or web-v2- to remove it");
  const on = ({ weights }: AppSpec): Answer =>
    removed && weights[other] === undefined
      ? { without: `it gives nothing to ${other}` }
      : { patch: { weights: { [other]: removed ? null : Number(percent) } } };
  return { title: value, on };
}
