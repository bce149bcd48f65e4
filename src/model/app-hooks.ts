/**
 * What is asked on the way of a release: an address, by POST, or a command, which the cluster's load tester runs. A
 * command is written without knowing where anything is: placeholders stand for that.
 */
import { z } from "zod";
import { field, name } from "./values.ts";

const timeout = z.string().regex(/^\d+(s|m)$/, "must be a duration in seconds or minutes such as 10s");

/** What a command may leave open, by name. */
const placeholders = ["url", "gateway", "host", "name", "namespace"] as const;
type Placeholder = (typeof placeholders)[number];

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

const isKnown = (key: string): key is Placeholder => (placeholders as readonly string[]).includes(key);

const command = z
  .string()
  .min(1)
  .refine((text) => namedIn(text).every(isKnown), {
    error: ({ input }) => {
      const unknown = namedIn(String(input)).find((key) => !isKnown(key));
      return `has the placeholder {{ ${unknown} }}; there are ${placeholders.join(", ")}`;
    },
  });

const keys = {
  command: field(
    command.optional(),
    "What a load tester runs in a shell; it passes when it ends with 0. `{{ url }}` is the new version inside the cluster, `{{ gateway }}` the gateway with `{{ host }}` the app's first host there, `{{ name }}` and `{{ namespace }}` the app's.",
    "curl -sf {{ url }}/healthz",
  ),
  url: field(
    z.url({ protocol: /^https?$/ }).optional(),
    "Instead of a command: where it is asked, by POST.",
    "http://tester.test/",
  ),
  timeout: field(timeout.default("30s"), "How long the answer may take.", "30s"),
  metadata: field(
    z.record(z.string(), z.string()).default({}),
    "What the `url` is told, beside the app's name, namespace and phase.",
    { suite: "smoke" },
  ),
};

interface Asked {
  command?: string | undefined;
  url?: string | undefined;
  metadata: Record<string, string>;
}

/** Of an address and a command one is there, and what is told belongs to an address. */
const oneWay = <S extends z.ZodType<Asked>>(schema: S) =>
  schema
    .refine((hook) => (hook.command === undefined) !== (hook.url === undefined), {
      error: "give `command` or `url`, and not both",
      path: ["command"],
    })
    .refine(({ command, metadata }) => command === undefined || Object.keys(metadata).length === 0, {
      error: "is told to a `url`; a command is run as it is",
      path: ["metadata"],
    });

/** A hook that says no more than what is asked: a command alone is its short form. */
export const asked = z.union([command, oneWay(z.strictObject(keys))]);

export const hook = oneWay(
  z.strictObject({
    name: field(name, "Its name, in events.", "smoke"),
    type: field(
      z.enum([
        "confirm-rollout",
        "pre-rollout",
        "rollout",
        "confirm-traffic-increase",
        "confirm-promotion",
        "post-rollout",
        "rollback",
        "event",
      ]),
      "When it is asked. A `confirm-…` waits until it answers 200, `rollback` rolls back when it does.",
      "pre-rollout",
    ),
    ...keys,
  }),
);

interface Hooks {
  acceptance?: z.output<typeof asked> | undefined;
  loadTest?: z.output<typeof asked> | undefined;
  hooks: z.output<typeof hook>[];
}

/** One hook of a release; either `command` or `url` is set. */
export interface ReleaseHook extends Asked {
  name: string;
  type: z.output<typeof hook>["type"];
  timeout: string;
  /** Whether it is started and not waited for, as load is. */
  background: boolean;
  /** Its keys below the strategy. */
  path: (string | number)[];
}

/** All hooks of a release, in the order they come to pass. */
export function hooksOf({ acceptance, loadTest, hooks }: Hooks): ReleaseHook[] {
  const of = (told: Hooks["loadTest"], as: Pick<ReleaseHook, "name" | "type" | "background" | "path">) => {
    if (told === undefined) return [];
    return [
      { ...(typeof told === "string" ? { command: told, timeout: "30s", metadata: {} } : told), ...as },
    ];
  };
  return [
    ...of(acceptance, { name: "acceptance", type: "pre-rollout", background: false, path: ["acceptance"] }),
    ...of(loadTest, { name: "load-test", type: "rollout", background: true, path: ["loadTest"] }),
    ...hooks.map((one, i) => ({ ...one, background: false, path: ["hooks", i] })),
  ];
}

/** The placeholders of a command, as they are written. */
export function namedIn(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, key = ""]) => key);
}

/** A command with its placeholders filled in; one that has no value stays as it is. */
export function filledCommand(text: string, values: Partial<Record<Placeholder, string>>): string {
  return text.replaceAll(placeholder, (all, key: Placeholder) => values[key] ?? all);
}
