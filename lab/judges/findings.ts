/** What judges find in manifests, in one form, and what of it is excused. */
import { rmSync } from "node:fs";
import { toYaml } from "../../src/util/yaml.ts";
import type { Emitted } from "./everything.ts";
import { type Exception, exceptions } from "./exceptions.ts";
import { writeFolder } from "./shop.ts";
import { judge, type Tool } from "./tools.ts";

export interface Finding {
  judge: Exception["judge"];
  check: string;
  /** `Kind namespace/name` */
  object: string;
  says: string;
}

/** Write what is emitted as files that judges read, one a set, give the folder's path, and remove it afterwards. */
export async function inFiles<T>(
  emitted: Emitted[],
  work: (folder: string, files: string[]) => Promise<T>,
): Promise<T> {
  const files = emitted.map(({ name, objects }): [string, string] => [
    `${name.replace(/\W+/g, "-")}.yaml`,
    objects.map(toYaml).join("---\n"),
  ]);
  const folder = writeFolder(Object.fromEntries(files));
  try {
    return await work(
      folder,
      files.map(([name]) => `${folder}/${name}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Scored {
  object_meta: { name: string; namespace?: string };
  type_meta: { kind: string };
  checks: {
    check: { id: string };
    grade: number;
    skipped: boolean;
    comments: { summary: string }[] | null;
  }[];
}

/** kube-score's criticals. Each set is scored alone, for a Service of another cluster selects no pod of this one. */
export async function kubeScore(tool: Tool, emitted: Emitted[]): Promise<Finding[]> {
  return inFiles(emitted, async (_folder, files) => {
    const found: Finding[] = [];
    for (const file of files) {
      const args = ["score", "--kubernetes-version=v1.36", "--output-format=json", file];
      for (const scored of (JSON.parse((await judge(tool, args)).text) as Scored[] | null) ?? [])
        found.push(...criticals(scored));
    }
    return found;
  });
}

function criticals({ object_meta: meta, type_meta: { kind }, checks }: Scored): Finding[] {
  const object = `${kind} ${meta.namespace ? `${meta.namespace}/` : ""}${meta.name}`;
  return checks
    .filter(({ grade, skipped }) => grade <= 1 && !skipped)
    .flatMap(({ check, comments }) =>
      (comments ?? [{ summary: "" }]).map(({ summary }) => ({
        judge: "kube-score" as const,
        check: check.id,
        object,
        says: summary,
      })),
    );
}

interface Failed {
  check_id: string;
  check_name: string;
  /** `Kind.namespace.name`, whose name may have dots. */
  resource: string;
}

/** Checkov's failures over everything at once: it takes seconds to start. */
export async function checkov(tool: Tool, emitted: Emitted[]): Promise<Finding[]> {
  return inFiles(emitted, async (folder) => {
    const args = [
      "--directory",
      folder,
      "--framework",
      "kubernetes",
      "--output",
      "json",
      "--quiet",
      "--compact",
    ];
    // Without it Checkov would ask its makers' service for more.
    const { text } = await judge(tool, [...args, "--skip-download"]);
    const { results, summary } = JSON.parse(text.slice(text.indexOf("{"))) as {
      results?: { failed_checks: Failed[] };
      summary?: { parsing_errors: number; passed: number };
    };
    if (!results || !summary || summary.parsing_errors > 0 || summary.passed === 0)
      throw new Error(`Checkov judged nothing: ${text.slice(0, 500)}`);
    return results.failed_checks.map(({ check_id, check_name, resource }) => {
      const [, kind = "", namespace = "", name = ""] =
        resource.match(/^([^.]+)\.([^.]+)\.([^.]+.*?)(?:\.|$)/) ?? [];
      return { judge: "checkov", check: check_id, object: `${kind} ${namespace}/${name}`, says: check_name };
    });
  });
}

const excuses = ({ judge, check, on, says }: Exception, finding: Finding) =>
  judge === finding.judge &&
  check === finding.check &&
  (on?.test(finding.object) ?? true) &&
  (says?.test(finding.says) ?? true);

/** Findings of one judge that nothing excuses, and its exceptions that excuse nothing. */
export function verdict(of: Exception["judge"], findings: Finding[]) {
  const own = exceptions.filter(({ judge }) => judge === of);
  return {
    unexcused: findings.filter((finding) => !own.some((exception) => excuses(exception, finding))),
    unused: own.filter((exception) => !findings.some((finding) => excuses(exception, finding))),
  };
}
