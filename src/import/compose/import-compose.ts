/** A Compose file becomes the tree of a declaration. Its services run without Kubernetes, so nothing is compared. */
import { builtInMounts, tmpMount } from "../../compile/app-shape.ts";
import type { AppSpecInput } from "../../model/app.ts";
import { failure } from "../../util/errors.ts";
import { hostsIn } from "../addresses.ts";
import { appName, appNames } from "../app-names.ts";
import type { Tree } from "../assemble.ts";
import type { Imported, ImportOptions } from "../import-objects.ts";
import { partsFor } from "../parts-for.ts";
import { readYaml } from "../read-yaml.ts";
import { type Branch, branch, compact, isSecretName, type Outcome } from "../source.ts";
import { waiveBroken } from "../waivers.ts";
import { interpolate, interpolateTree } from "./interpolate.ts";
import { type ComposeFiles, conditionsOf, convertService, dependenciesOf, servicesIn } from "./service.ts";

export interface ComposeSource extends ComposeFiles {
  /** The file's name, for messages. */
  file: string;
  content: string;
  /** Variables that `${…}` is replaced from: those of `.env` beside the file. */
  env: Record<string, string>;
}

/** What containers were free to do under Compose, so that their images go on working. */
function asItRan(spec: AppSpecInput): Branch {
  const tmp = builtInMounts(spec).includes(tmpMount) ? { [tmpMount.name]: null } : undefined;
  const container = { securityContext: null, ...(tmp && { volumeMounts: tmp }) };
  return podPatch({ securityContext: null, containers: { "*": container }, ...(tmp && { volumes: tmp }) });
}

const podPatch = (pod: Branch): Branch => ({ spec: { template: { spec: pod } } });

/** Import a Compose file. Every service becomes an app; what an app cannot say is in the notes. Errors: LF1023. */
export function importCompose(source: ComposeSource, options: ImportOptions): Imported {
  const notes: string[] = [];
  const missing = new Set<string>();
  const [document] = readYaml(source.content, source.file, "core");
  const replace = (text: string) => interpolate(text, source.env, (name) => missing.add(name));
  const services = servicesIn(interpolateTree(document?.value, replace));
  if (services.length === 0) {
    const fix = "name a Compose file, or a folder with one";
    throw failure("LF1023", { what: `${source.file} has no services`, fix });
  }
  for (const name of missing)
    notes.push(`\${${name}} has no value here and is empty; set it in .env before importing`);
  const names = new Map(
    appNames(services.map(([name]) => ({ name, namespace: "" }))).map((app, i) => [
      services[i]?.[0] ?? "",
      app,
    ]),
  );
  const apps: Tree["apps"] = {};
  const secrets: Record<string, object> = {};
  const outcomes: Outcome[] = [];
  for (const [name, service] of services) {
    const app = names.get(name) ?? appName(name);
    const { spec, container, lost } = convertService(service, source, calledPorts(name, services));
    const known = (others: string[]) =>
      [...new Set(others.flatMap((other) => names.get(other) ?? []))].filter((other) => other !== app);
    const after = known(dependenciesOf(service));
    const calls = known([
      ...dependenciesOf(service),
      ...Object.values(spec.env ?? {}).flatMap((value) => hostsIn(String(value))),
    ]);
    const { env, secrets: kept } = withoutSecrets(app, spec.env ?? {}, source.env);
    for (const [variable, secret] of Object.entries(kept)) {
      secrets[secret] = {};
      lost.push(
        `environment: ${variable} is a secret, and its value is not written: landfall secret set ${secret}`,
      );
    }
    apps[app] = compact({ ...spec, env, calls, after, ...adjustments(spec, container, options) });
    if (app !== name) lost.push(`its name: ${name} is no name of an app; callers must use ${app}`);
    notes.push(...[...lost, ...conditionsOf(service)].map((what) => `${app}: ${what}`));
    outcomes.push({ object: `service ${name}`, from: source.file, as: "folded", app, why: "" });
  }
  const { name: cluster } = options.cluster;
  const tree: Tree = {
    landfall: 2,
    company: options.company,
    clusters: { [cluster]: { type: "local" } },
    parts: {},
    ...(Object.keys(secrets).length > 0 && { secrets }),
    apps,
  };
  waiveBroken(tree, options.today);
  tree.parts = partsFor(tree, options);
  return { tree, outcomes, improved: [], notes };
}

/** Variables that are secrets by their name, or hold the value of one of `.env`, become references. */
function withoutSecrets(app: string, env: NonNullable<AppSpecInput["env"]>, given: Record<string, string>) {
  const values = Object.entries(given).flatMap(([name, value]) =>
    isSecretName(name) && value ? [value] : [],
  );
  const secrets: Record<string, string> = {};
  const entries = Object.entries(env).map(([name, value]) => {
    const text = String(value);
    if (text === "" || !(isSecretName(name) || values.some((known) => text.includes(known))))
      return [name, value];
    secrets[name] = appName(`${app}-${name}`);
    return [name, { secret: secrets[name] }];
  });
  return { env: Object.fromEntries(entries) as typeof env, secrets };
}

function adjustments(
  spec: AppSpecInput,
  container: Branch,
  { harden }: ImportOptions,
): Pick<AppSpecInput, "adjust"> {
  const kind = Object.values(spec.volumes ?? {}).some(({ ephemeral }) => !ephemeral)
    ? "StatefulSet"
    : "Deployment";
  const own = { kind, set: podPatch({ containers: { "*": container } }) };
  const patch = [
    ...(harden ? [] : [{ kind, set: asItRan(spec) }]),
    ...(Object.keys(container).length > 0 ? [own] : []),
  ];
  return { adjust: compact({ omit: harden ? [] : ["NetworkPolicy"], patch: patch as never }) };
}

/** The ports that other services' environment says of a service: nothing else may name them. */
function calledPorts(name: string, services: [string, Branch][]): number[] {
  const pattern = new RegExp(`(?:^|[/@,;\\s=])${name.replace(/[^\w-]/g, "\\$&")}:(\\d{1,5})(?!\\d)`, "g");
  const values = services.flatMap(([, { environment, command }]) => [
    ...(Array.isArray(environment) ? environment : Object.values(branch(environment))),
    ...[command].flat(),
  ]);
  return [
    ...new Set(
      values.flatMap((value) => [...String(value).matchAll(pattern)].map(([, port]) => Number(port))),
    ),
  ];
}
