import { relative } from "node:path";
import { Command, Option } from "commander";
import { localToday } from "../compile/waivers.ts";
import { type ImportResult, importFrom } from "../platform/import.ts";
import { failure } from "../util/errors.ts";
import { importText } from "./import-text.ts";
import { printNext, printResult } from "./output.ts";

interface Options {
  live?: boolean;
  context?: string;
  kubeconfig?: string;
  namespace?: string[];
  out: string;
  name?: string;
  form: "ts" | "yaml";
  harden?: boolean;
  faithful?: boolean;
  values?: string[];
  json?: boolean;
}

/** `landfall import`: a declaration made of what exists. */
export function importCommand(): Command {
  return new Command("import")
    .description(
      "make a declaration of Kubernetes YAML, kustomize, a Helm chart, a compose file or a running cluster",
    )
    .argument("[source]", "a folder, file, chart, compose file or repository on this machine")
    .option("--live", "read a running cluster")
    .option("--context <name>", "the context of the kubeconfig, with --live")
    .option("--kubeconfig <file>", "the kubeconfig (default: $KUBECONFIG, ~/.kube/config)")
    .option("--namespace <name...>", "with --live, what to read; else where objects go that name none")
    .option("-o, --out <folder>", "the folder to write into", ".")
    .option("--name <name>", "the company's name (default: the one namespace, or the folder's)")
    .addOption(
      new Option("--form <form>", "the language of the declaration").choices(["ts", "yaml"]).default("ts"),
    )
    .addOption(new Option("--faithful", "make the same objects (default)").conflicts("harden"))
    .option("--harden", "keep landfall's own settings where the originals say nothing")
    .option("--values <file...>", "values for a chart")
    .option("--json", "one JSON document on stdout")
    .action(async (source: string | undefined, options: Options) => {
      const { json = false } = options;
      const result = await importFrom(requestOf(source, options));
      printResult(json, jsonOf(result), () => importText(result));
      const where = relative(process.cwd(), options.out) || ".";
      const at = where === "." ? "" : ` ${where}`;
      printNext(json, `landfall check${at}`, `landfall build${at}`);
    });
}

function requestOf(source: string | undefined, options: Options) {
  const { live, context, kubeconfig, namespace = [], out, name, form, harden = false, values = [] } = options;
  if (live && source) {
    throw failure("LF9001", { what: "both a source and --live are given", fix: "name one of the two" });
  }
  if (!live && namespace.length > 1) {
    throw failure("LF9001", { what: "objects can go to one namespace only", fix: "name one --namespace" });
  }
  const cluster = { namespaces: namespace, ...(context && { context }), ...(kubeconfig && { kubeconfig }) };
  return {
    ...(source && { source }),
    ...(live ? { live: cluster } : namespace[0] && { namespace: namespace[0] }),
    ...(name && { name }),
    out,
    form,
    harden,
    values,
    today: localToday(),
  };
}

function jsonOf({ file, tree, outcomes, improved, notes, skipped }: ImportResult): object {
  return { file, company: tree.company, apps: Object.keys(tree.apps), outcomes, improved, notes, skipped };
}
