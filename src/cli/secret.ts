import { dirname } from "node:path";
import { Command } from "commander";
import { findDeclaration, loadDeclaration } from "../model/load.ts";
import { ensureKeys, listSecrets, rotateSecret, setSecret } from "../secrets/index.ts";
import { failure } from "../util/errors.ts";
import { at, paint, printNext, printResult, printWarnings, table } from "./output.ts";
import { readSecretValue } from "./secret-input.ts";

interface Options {
  json?: boolean;
  dir: string;
  env?: string;
  key: string;
  generate?: string;
}

/** `landfall secret set|list|rotate`: values are read from stdin or typed unseen, and never printed. */
export function secretCommand(): Command {
  const secret = new Command("secret").description("set, list and rotate secrets; values are never shown");
  const shared = (command: Command) =>
    command
      .option("-C, --dir <path>", "the declaration or its folder", ".")
      .option("--env <environment>", "only for this environment")
      .option("--json", "one JSON document on stdout");

  shared(secret.command("set"))
    .description("set a secret from stdin, from a prompt, or by generating it")
    .argument("<name>", "the secret's name")
    .option("--key <key>", "one of several keys", "value")
    .option("--generate <length>", "make a random value of this many characters")
    .action(async (name: string, options: Options) => {
      const dir = dirname(findDeclaration(options.dir));
      await prepareKeys(options.dir, dir, options.json ?? false);
      const environment = options.env ? { environment: options.env } : {};
      const content = options.generate
        ? { generate: { [options.key]: lengthOf(options.generate) } }
        : { values: { [options.key]: await readSecretValue(name) } };
      const { file } = await setSecret(dir, name, { ...content, ...environment });
      printResult(
        options.json ?? false,
        { name, file },
        () => `${paint("green", "✔")} ${name} set in ${file}\n`,
      );
      printNext(options.json ?? false, `landfall build${at(options.dir)} --commit`);
    });

  shared(secret.command("rotate"))
    .description("give a secret a new value")
    .argument("<name>", "the secret's name")
    .option("--key <key>", "one of several keys", "value")
    .action(async (name: string, options: Options) => {
      const dir = dirname(findDeclaration(options.dir));
      const generated = await rotateGenerated(dir, name, options);
      const { file } =
        generated ??
        (await rotateSecret(dir, name, {
          values: { [options.key]: await readSecretValue(name) },
          ...environmentOf(options),
        }));
      printResult(
        options.json ?? false,
        { name, file },
        () => `${paint("green", "✔")} ${name} has a new value in ${file}\n`,
      );
      printNext(options.json ?? false, `landfall build${at(options.dir)} --commit`);
    });

  shared(secret.command("list"))
    .description("list secrets with their age")
    .action((options: Options) => {
      const { secrets, problems } = listSecrets(dirname(findDeclaration(options.dir)));
      printWarnings(options.json ?? false, problems);
      printResult(options.json ?? false, { secrets, problems }, () =>
        table(
          secrets.map(({ name, environment, keys, rotatedAt, due, dueAt }) => [
            name,
            environment ?? "every environment",
            keys.join(", "),
            rotatedAt ? `set ${rotatedAt.slice(0, 10)}` : "",
            due ? paint("yellow", "due for rotation") : dueAt ? `due ${dueAt.slice(0, 10)}` : "",
          ]),
        ),
      );
      printNext(
        options.json ?? false,
        `landfall secret set NAME${options.dir === "." ? "" : ` --dir ${options.dir}`}`,
      );
    });
  return secret;
}

function environmentOf({ env }: Options): { environment?: string } {
  return env ? { environment: env } : {};
}

/** Rotate what landfall generated; undefined where a person must give the value. */
async function rotateGenerated(
  dir: string,
  name: string,
  options: Options,
): Promise<{ file: string } | undefined> {
  try {
    return await rotateSecret(dir, name, environmentOf(options));
  } catch (error) {
    const exists = listSecrets(dir).secrets.some((s) => s.name === name && s.environment === options.env);
    if (exists && isMissingValue(error)) return undefined;
    throw error;
  }
}

function isMissingValue(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("LF7001");
}

async function prepareKeys(path: string, dir: string, json: boolean): Promise<void> {
  const { tree } = await loadDeclaration(path);
  const { made } = await ensureKeys(dir, String(tree.company));
  if (made && !json)
    process.stderr.write(`new age identity ${made}: back it up, it alone decrypts the secrets\n`);
}

function lengthOf(text: string): number {
  const length = Number(text);
  if (Number.isInteger(length) && length >= 16 && length <= 1024) return length;
  throw failure("LF9001", {
    what: `--generate takes a length from 16 to 1024, not ${text}`,
    fix: "for example --generate 32",
  });
}
