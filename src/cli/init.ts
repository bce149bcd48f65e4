import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { parseEstate } from "../platform/estate/index.ts";
import { type InitOptions, initialize } from "../platform/init.ts";
import { failure } from "../util/errors.ts";
import { at, paint, printNext, printResult } from "./output.ts";

interface Options extends Partial<Omit<InitOptions, "estate">> {
  estate?: string;
  seed: string;
  files?: boolean;
  json?: boolean;
  yes?: boolean;
}

/** `landfall init`: a working declaration to grow from. Every question is a flag. */
export function initCommand(): Command {
  return new Command("init")
    .description("write a commented, working declaration")
    .argument("[path]", "the folder to write into", ".")
    .option("--name <name>", "the company's name (default: the folder's)")
    .addOption(new Option("--form <form>", "the language of the declaration").choices(["ts", "yaml"]))
    .option("--host <host>", "the host name of the first app (default: <name>.localhost)")
    .option("--estate <size>", "a generated company for tests and benchmarks: apps=200,clusters=20")
    .option("--seed <n>", "of the estate; the same seed gives the same bytes", "1")
    .option("--files", "of the estate: one file an app also in TypeScript")
    .option("-y, --yes", "take the defaults, do not ask")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, options: Options) => {
      const { json = false } = options;
      const asks = !(options.yes || options.estate || json) && process.stdin.isTTY && process.stderr.isTTY;
      const answers = asks ? await ask(options) : {};
      const result = initialize(path, { form: "ts", ...pick(options), ...answers });
      const where = relative(process.cwd(), result.dir) || ".";
      printResult(json, result, () =>
        listed(result.files.map((file) => `${paint("green", "+")} ${join(where, file)}\n`)),
      );
      const here = at(where);
      printNext(json, `landfall check${here}`, `landfall build${here}`, `landfall up${here}`);
    });
}

const mostListed = 20;

function listed(lines: string[]): string {
  const rest = lines.length - mostListed;
  return lines.slice(0, mostListed).join("") + (rest > 0 ? `  and ${rest} more files\n` : "");
}

function pick({ name, form, host, estate, seed, files = false }: Options): Partial<InitOptions> {
  return {
    ...(name && { name }),
    ...(form && { form }),
    ...(host && { host }),
    ...(estate !== undefined && { estate: { ...parseEstate(estate, seed), files } }),
  };
}

async function ask(options: Options): Promise<Partial<InitOptions>> {
  const { text, select, isCancel } = await import("@clack/prompts");
  const checked = <T>(answer: T | symbol): Exclude<T, symbol> => {
    if (isCancel(answer)) throw failure("LF9003", { what: "nothing was written" });
    return answer as Exclude<T, symbol>;
  };
  const name =
    options.name ??
    checked(
      await text({
        message: "The company's name",
        placeholder: "the folder's name",
        defaultValue: "",
        output: process.stderr,
      }),
    );
  const forms = [
    { value: "ts" as const, label: "TypeScript", hint: "completion, rename, go-to-definition" },
    { value: "yaml" as const, label: "YAML", hint: "with a JSON Schema for editors" },
  ];
  const form =
    options.form ??
    checked(await select({ message: "The declaration's language", options: forms, output: process.stderr }));
  return { ...(name && { name }), form };
}
