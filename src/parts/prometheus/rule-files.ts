/**
 * Rules as files, each small enough for a ConfigMap of its own: 1,000 apps have four megabytes of rules. A group is in
 * the file that its name's hash says, so that a change of one app changes one file.
 */
import type { RuleGroup } from "../../kit/index.ts";
import { sha256 } from "../../util/hash.ts";
import { toYaml } from "../../util/yaml.ts";

/** Kubernetes takes 1 MiB; the rest is for names and what is added. */
const mostBytes = 900 * 1024;

/** Files by name, `rules-0.yml` and so on; the groups of each sorted by name. One file when there are no rules. */
export function ruleFiles(groups: readonly RuleGroup[]): Record<string, string> {
  const sorted = groups.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const written = sorted.map((group) => ({ slot: slotOf(group.name), text: textOf(group) }));
  for (let count = 1; ; count *= 2) {
    const files = Array.from({ length: count }, () => "");
    for (const { slot, text } of written) files[slot % count] += text;
    const fits = files.every((text) => Buffer.byteLength(text) <= mostBytes);
    // One group that is too large by itself is no better off in more files.
    if (!fits && count < groups.length * 4) continue;
    return Object.fromEntries(
      files.map((text, i) => [`rules-${i}.yml`, text ? `groups:\n${text}` : "groups: []\n"]),
    );
  }
}

const slotOf = (name: string) => Number.parseInt(sha256(name).slice(0, 8), 16);

/** Clusters share the groups of the apps that they share, so each is written once. */
const texts = new WeakMap<RuleGroup, string>();

function textOf(group: RuleGroup): string {
  const text = texts.get(group) ?? toYaml([group]);
  texts.set(group, text);
  return text;
}
