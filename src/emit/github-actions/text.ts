import { type CiFacts, type CiSecrets, install } from "../ci.ts";

/** Actions by the commit that their version stands for; a tag could be moved. */
const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1";
const setupNode = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0";

export interface Workflow {
  name: string;
  /** The events, as YAML. */
  on: string;
  concurrency: { group: string; cancel: boolean };
  /** As YAML, each from its id on. */
  jobs: string[];
}

export interface Step {
  name: string;
  id?: string;
  env?: Record<string, string>;
  secrets?: CiSecrets;
  run: string;
}

export interface Job {
  id: string;
  title: string;
  /** Commits to fetch. @default 1 */
  depth?: number;
  outputs?: Record<string, string>;
  /** It has secrets: those of the environment `fleet`. */
  environment?: boolean;
  /** What it may do with the repository. @default to read it */
  contents?: string;
  /** It runs on the delivered branch alone, whichever it was started for. */
  branch?: boolean;
  steps: Step[];
}

/** An expression that GitHub replaces before it reads on: only for values of keys, never inside a script. */
export const expression = (text: string) => `\${{ ${text} }}`;

/** Any text as a value that is taken as it is. */
export function literal(text: string): string {
  return JSON.stringify(text.replaceAll("${{", expression("'${{'")));
}

/** Every line of a text `columns` further to the right. */
export function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}

/** A workflow without any right, but for those its jobs name. */
export function workflow(facts: CiFacts, { name, on, concurrency, jobs }: Workflow): string {
  return `# Written by \`landfall export ci github\`; run it again instead of editing this file.
name: ${name}

on:
${indented(on, 2)}

permissions: {}

concurrency:
  group: ${concurrency.group}
  cancel-in-progress: ${concurrency.cancel}

env:
  LANDFALL_DECLARATION: ${literal(facts.declaration)}
  LANDFALL_FOLDER: ${literal(facts.folder)}
  LANDFALL_PACKAGE: ${literal(facts.packageFolder)}

jobs:
${indented(jobs.join("\n\n"), 2)}
`;
}

const reads = "read # to check out";

/** A job that has the declaration checked out and landfall installed as it is locked. */
export function job(
  facts: CiFacts,
  { id, title, depth = 1, outputs, environment, contents = reads, branch, steps }: Job,
): string {
  const lines = [
    `${id}:`,
    `  name: ${title}`,
    ...(branch ? [`  if: github.ref_name == ${inExpression(facts.branch)}`] : []),
    "  runs-on: ubuntu-24.04",
    "  timeout-minutes: 15",
    ...(environment ? ["  environment: fleet"] : []),
    "  permissions:",
    `    contents: ${contents}`,
    ...(outputs ? ["  outputs:", ...pairs(outputs, 4)] : []),
    "  defaults:",
    "    run:",
    `      working-directory: ${literal(facts.folder)}`,
    "  steps:",
    "    - name: Check out",
    `      uses: ${checkout}`,
    "      with:",
    `        fetch-depth: ${depth}`,
    "        persist-credentials: false",
    "    - name: Set up Node",
    `      uses: ${setupNode}`,
    "      with:",
    `        node-version: ${facts.node}`,
    "        package-manager-cache: false",
    "    - name: Install landfall as it is locked",
    `      run: ${install}`,
    ...steps.map((step) => indented(stepText(step), 4)),
  ];
  return lines.join("\n");
}

function stepText({ name, id, env = {}, secrets = {}, run }: Step): string {
  const secret = Object.keys(secrets).map((key) => [key, expression(`secrets.${key}`)]);
  const values = { ...env, ...Object.fromEntries(secret) };
  const script = run.includes("\n") ? `|\n${indented(`temp=$RUNNER_TEMP\n${run}`, 4)}` : run;
  return [
    `- name: ${name}`,
    ...(id ? [`  id: ${id}`] : []),
    ...(Object.keys(values).length > 0 ? ["  env:", ...pairs(values, 4)] : []),
    `  run: ${script}`,
  ].join("\n");
}

function pairs(values: Record<string, string>, columns: number): string[] {
  return Object.entries(values).map(([key, value]) => `${" ".repeat(columns)}${key}: ${value}`);
}

/** A text inside of an expression. */
const inExpression = (text: string) => `'${text.replaceAll("'", "''")}'`;
