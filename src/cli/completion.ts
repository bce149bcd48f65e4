import { Command, type Option } from "commander";

/** `landfall completion bash|zsh|fish`: a script for the shell, made from the commands there are. */
export function completionCommand(program: Command): Command {
  const command = new Command("completion")
    .description("print a completion script: source <(landfall completion bash)")
    .argument("<shell>", "bash, zsh or fish")
    .action((shell: string) => {
      const script = scripts[shell as keyof typeof scripts];
      if (!script)
        command.error(`error: completion is made for ${Object.keys(scripts).join(", ")}, not ${shell}`);
      process.stdout.write(script(wordsOf(program)));
    });
  return command;
}

type Words = Record<string, string[]>;

/** Command → its subcommands and long options; the empty key is the program itself. */
function wordsOf(program: Command): Words {
  const options = (command: Command) =>
    command.options.filter((o: Option) => !o.hidden && o.long).map((o) => o.long as string);
  const own = Object.fromEntries(
    program.commands.map((c) => [c.name(), [...c.commands.map((s) => s.name()), ...options(c), "--help"]]),
  );
  return { "": [...Object.keys(own), "--help", "--version"], ...own };
}

function bash(words: Words): string {
  const cases = Object.entries(words).filter(([name]) => name !== "");
  return `_landfall() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  case \${COMP_WORDS[1]} in
${cases.map(([name, list]) => `    ${name}) words="${list.join(" ")}" ;;`).join("\n")}
    *) words="${words[""]?.join(" ")}" ;;
  esac
  [ "$COMP_CWORD" = 1 ] && words="${words[""]?.join(" ")}"
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -F _landfall landfall
`;
}

function fish(words: Words): string {
  const top = (words[""] ?? []).filter((word) => !word.startsWith("-"));
  const lines = Object.entries(words).flatMap(([name, list]) =>
    list
      .filter((word) => name !== "" && word.startsWith("--"))
      .map((word) => `complete -c landfall -n "__fish_seen_subcommand_from ${name}" -l ${word.slice(2)}`),
  );
  return `complete -c landfall -n __fish_use_subcommand -a "${top.join(" ")}"\n${lines.join("\n")}\n`;
}

const scripts = {
  bash,
  zsh: (words: Words) => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish,
};
